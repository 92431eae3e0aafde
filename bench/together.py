"""Declarations that share a transaction and declarations that do not, side by side in one process, without GraphQL.

In this process and not through the API, unlike every other measurement: how many wait at the same moment is what is
measured, and what one transaction costs does not show behind what the language does.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from access.actor import ANONYMOUS, Actor
from bench.rounds import figure
from models.area import Area
from models.database import DatabaseUrls, service_connection
from models.embedded import EmbeddedPostgres
from models.migrate import migrate, plain
from process.running import running
from services.declare import declare
from services.household import Address, Contact, HouseholdReport, PersonReport
from services.import_areas import import_areas
from services.import_stations import import_stations
from services.runtime import Runtime
from services.together import MOST_IN_FLIGHT, Together
from settings import Settings
from simulation.household import Household, Person
from simulation.latency import latency
from simulation.population import draw_households
from simulation.quota import quota
from simulation.ward import Ward
from triage.report import Report

CLIENTS = (1, 8, 32, 64)
_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_DRAWN = 60_000
"""People drawn at once; more are drawn when they run out."""
_MOST_A_SECOND = 2_500
"""Calls for which there are households at hand before a round begins."""
_WARM = 2.0


@dataclass(slots=True)
class Round:
    """What one round of one way measured."""

    people: int = 0
    seconds: float = 0.0
    ours: float = 0.0
    """Seconds of processor time of this process: clients, services and driver."""
    database: float = 0.0
    calls: list[float] = field(default_factory=list)


async def measure_together(
    *,
    seconds: float,
    rounds: int,
    clients: Sequence[int] = CLIENTS,
    in_flight: Sequence[int] = (MOST_IN_FLIGHT,),
    verified: float = 0.5,
) -> dict[str, Any]:
    """People a second, processor time of each and the time of a call, at so many clients, both ways in turns.

    Each client sends its next household when it has its receipt. Of the phones the part `verified` is proven.
    """
    ways = {"single": Together(on=False)} | {_name(most): Together(in_flight=most) for most in in_flight}
    done: dict[int, dict[str, list[Round]]] = {count: {way: [] for way in ways} for count in clients}
    with tempfile.TemporaryDirectory(prefix="khaibao-bench-", ignore_cleanup_errors=True) as folder:
        async with city(Path(folder)) as (runtime, server):
            sent = orders(runtime, await wards(), verified)
            for together in ways.values():
                await _round(replace(runtime, declaring=together), sent, 16, _WARM, server)
            for _ in range(rounds):
                # As the database does by itself each minute: plans that were made for empty tables are not the subject.
                await analyze(server)
                for count in clients:
                    for way, together in ways.items():
                        found = await _round(replace(runtime, declaring=together), sent, count, seconds, server)
                        done[count][way].append(found)
            version = await version_of(server)
    return {
        "postgresql": version,
        "clients": {str(count): {way: _record(found) for way, found in by.items()} for count, by in done.items()},
        "load_after": [round(value, 2) for value in os.getloadavg()],
    }


def _name(in_flight: int) -> str:
    return f"together, {in_flight} in flight"


@dataclass(frozen=True, slots=True)
class Server:
    """The database of a measurement in this process."""

    urls: DatabaseUrls
    postmaster: int | None

    def processor_seconds(self) -> float:
        """Of the database, of those of its processes that have ended as well; 0 where the system does not say."""
        if self.postmaster is None:
            return 0.0
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                values = stat.read_text(encoding="latin-1").rpartition(")")[2].split()
            except OSError:
                continue
            if int(stat.parent.name) == self.postmaster:
                total += sum(map(int, values[11:15]))
            elif int(values[1]) == self.postmaster:
                total += sum(map(int, values[11:13]))
        return total / _TICK


@asynccontextmanager
async def city(folder: Path) -> AsyncIterator[tuple[Runtime, Server]]:
    """A runtime as a server has it, on a database of its own with the wards of March 2022."""
    async with EmbeddedPostgres(folder / "postgres") as embedded:
        urls = await embedded.database("khaibao_bench", fresh=True)
        await migrate(urls)
        settings = Settings(
            mode="test",
            data_dir=folder,
            database_url=urls.application,
            service_url=urls.service,
            owner_url=urls.owner,
            protocol_pin="covid19-hcmc-2022-03-17",
            limits="declare_by_phone=1000000 per 1 hour",
        )
        async with running(settings) as runtime:
            data = files("data")
            await import_areas(runtime, ANONYMOUS, data.joinpath("areas-hcmc-2022-03.csv").read_bytes())
            await import_stations(runtime, ANONYMOUS, data.joinpath("stations-hcmc-2022.csv").read_bytes())
            yield runtime, Server(urls, await _postmaster(urls))


async def analyze(server: Server) -> None:
    """Gives the planner its statistics."""
    connection = await asyncpg.connect(plain(server.urls.owner))
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _postmaster(urls: DatabaseUrls) -> int | None:
    connection = await asyncpg.connect(plain(urls.owner))
    try:
        return _parent(await connection.fetchval("SELECT pg_backend_pid()"))
    finally:
        await connection.close()


def _parent(process: int) -> int | None:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="latin-1")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


async def version_of(server: Server) -> str:
    """What its PostgreSQL calls itself."""
    connection = await asyncpg.connect(plain(server.urls.owner))
    try:
        return str(
            await connection.fetchval(
                "SELECT current_setting('server_version') || ', fsync ' || current_setting('fsync')"
            )
        )
    finally:
        await connection.close()


async def wards() -> list[Ward]:
    """The wards of the city."""
    areas = {area.id: area for area in await Area.all().using_db(service_connection())}
    parents = {area.parent_id for area in areas.values()}
    return [
        Ward(area.id, area.national_code, area.name, parent.id, parent.national_code)
        for area in areas.values()
        if area.id not in parents and (parent := areas.get(area.parent_id or ""))
    ]


def orders(runtime: Runtime, places: Sequence[Ward], verified: float) -> Iterator[tuple[Actor, HouseholdReport]]:
    """Households without an end, each with who sends it; of the phones the part `verified` is proven."""
    today = runtime.clock.day(runtime.clock.now())
    seed = 0
    while True:
        for household in draw_households(seed, quota(_DRAWN), places):
            proven = (household.number * 7919) % 1000 < verified * 1000
            phone = f"+84{900_000_000 + (seed * _DRAWN + household.number) % 100_000_000}"
            actor = Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(phone)) if proven else ANONYMOUS
            yield actor, _report(household, phone, f"bench-{seed}-{household.number}", today - household.day)
        seed += 1


def _report(household: Household, phone: str, key: str, later: Any) -> HouseholdReport:
    contact = Contact(phone, None, household.people[0].name)
    address = Address(household.ward.code, household.street)
    people = tuple(_person(person, later) for person in household.people)
    return HouseholdReport(key, contact, address, people, body=orjson.dumps([key, contact, address, people]))


def _person(person: Person, later: Any) -> PersonReport:
    report = Report(
        birth_date=person.birth_date,
        birth_year=person.birth_year,
        sex=person.sex,
        test_kind=person.test_kind,
        test_on=person.test_on + later,
        symptoms=person.symptoms,
        onset_on=person.onset_on + later if person.onset_on else None,
        conditions=person.conditions,
        vaccine_doses=person.vaccine_doses,
        pregnant=person.pregnant,
    )
    # Drawn again with each seed: they would be known, and joined.
    return PersonReport(person.name, person.sex, report, None, person.relation)


async def _round(
    runtime: Runtime, sent: Iterator[tuple[Actor, HouseholdReport]], clients: int, seconds: float, server: Server
) -> Round:
    done = Round()
    # Drawn before the clock runs.
    ready = list(islice(sent, int(seconds * _MOST_A_SECOND)))
    begun, ours, database = time.monotonic(), time.process_time(), server.processor_seconds()
    end = begun + seconds

    async def one_after_another() -> None:
        while time.monotonic() < end:
            actor, household = ready.pop() if ready else next(sent)
            asked = time.monotonic()
            receipt = await declare(runtime, actor, household)
            done.calls.append(time.monotonic() - asked)
            done.people += len(receipt.people)

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(one_after_another())
    done.seconds = time.monotonic() - begun
    done.ours, done.database = time.process_time() - ours, server.processor_seconds() - database
    return done


def _record(rounds: Sequence[Round]) -> dict[str, Any]:
    return {
        "people_a_second": figure([one.people / one.seconds for one in rounds]).record(),
        "calls_a_second": figure([len(one.calls) / one.seconds for one in rounds]).record(),
        "our_us_a_person": figure([one.ours / one.people * 1e6 for one in rounds]).record(),
        "database_us_a_person": figure([one.database / one.people * 1e6 for one in rounds]).record(),
        "call_ms": latency([value for one in rounds for value in one.calls]).record(),
        "rounds": len(rounds),
    }
