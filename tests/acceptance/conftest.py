"""A real server as a process of its own, on an embedded PostgreSQL with the city of March 2022 in it."""

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from commands.outcome import OPERATOR
from commands.session import runtime_on
from models.area import Area
from models.database import DatabaseUrls, application_connection
from models.embedded import EmbeddedPostgres
from models.migrate import plain
from models.state import Role
from services.add_account import NewAccount, add_accounts
from services.import_areas import import_areas
from services.import_stations import import_stations
from settings import Settings
from tests.acceptance.client import PATIENCE, Api
from tests.both_ways import COMPILED

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
MOMENT = datetime(2022, 3, 18, 3, 0, tzinfo=UTC)
"""Ten in the morning of 18 March 2022 in Ho Chi Minh City."""

WARD, NEIGHBOUR, DISTRICT, CITY = "26740", "26737", "760", "79"
"""Two wards of District 1, the district, and the city."""
HOSPITALS_AT, OTHER_HOSPITAL_AT = "774", "771"
"""Two other districts, with a hospital in each."""

PASSWORD = secrets.token_urlsafe(12)


PATIENT = {
    "KHAIBAO_ADMISSION_WAIT": "10",
    "KHAIBAO_ADMISSION_ANSWER": "10",
    "KHAIBAO_ADMISSION_ALERT": "10",
    "KHAIBAO_ADMISSION_TOLD": "60",
}
"""Settings of a server that lets everybody wait."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server's database and key lie, and its settings as environment variables."""

    folder: Path
    urls: DatabaseUrls
    more: Mapping[str, str] = field(default_factory=dict)
    """Further settings of a server, as environment variables."""

    @property
    def settings(self) -> Settings:
        """The settings of a test installation."""
        return Settings(mode="test", data_dir=self.folder, protocol_pin="covid19-hcmc-2022-03-17")

    @property
    def environment(self) -> dict[str, str]:
        """The same for a process."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KHAIBAO_")}
        return {
            **inherited,
            "KHAIBAO_MODE": "test",
            "KHAIBAO_COMPILED": str(COMPILED).lower(),
            "KHAIBAO_DATA_DIR": str(self.folder),
            "KHAIBAO_PROTOCOL_PIN": "covid19-hcmc-2022-03-17",
            # Hundreds of declarations of one run come from one phone.
            "KHAIBAO_LIMITS": "declare_by_phone=100000 per 1 hour",
            # The accounts' tokens serve a whole run, which may take longer than a quarter of an hour.
            "KHAIBAO_ACCESS_TOKEN_SECONDS": "3600",
            # On a machine that does other work besides nobody is told to come back; test_overload.py asks for that.
            **PATIENT,
            "KHAIBAO_DATABASE_URL": self.urls.application,
            "KHAIBAO_SERVICE_URL": self.urls.service,
            "KHAIBAO_OWNER_URL": self.urls.owner,
            **self.more,
        }


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """The embedded server of this test run."""
    async with EmbeddedPostgres(tmp_path_factory.mktemp("acceptance-postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
async def place(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A database with areas, stations and accounts, its clock at MOMENT."""
    urls = await postgres.database("khaibao_acceptance", fresh=True)
    place = Place(tmp_path_factory.mktemp("acceptance"), urls)
    await furnish(place)
    return place


async def furnish(place: Place) -> None:
    """Puts areas, stations and accounts into a new database, and its clock at MOMENT."""
    async with runtime_on(place.settings, place.urls) as runtime:
        await import_areas(runtime, OPERATOR, (DATA / "areas-hcmc-2022-03.csv").read_bytes())
        await import_stations(runtime, OPERATOR, (DATA / "demo-stations-hcmc-2022.csv").read_bytes())
        await import_stations(runtime, OPERATOR, (DATA / "demo-hospitals-hcmc-2022.csv").read_bytes())
        codes = dict(await Area.all().using_db(application_connection()).values_list("national_code", "id"))
        await add_accounts(runtime, OPERATOR, [_account(name, role, codes[code]) for name, role, code in ACCOUNTS])
    offset = (MOMENT - datetime.now(UTC)) // timedelta(microseconds=1)
    await execute(place.urls, "UPDATE installation SET clock_offset_us = $1", offset)


ACCOUNTS = [
    ("station", Role.STATION_STAFF, WARD),
    ("colleague", Role.STATION_STAFF, WARD),
    ("neighbour", Role.STATION_STAFF, NEIGHBOUR),
    ("centre", Role.MEDICAL_CENTRE, DISTRICT),
    ("committee", Role.COMMITTEE, DISTRICT),
    ("city", Role.COMMITTEE, CITY),
    ("department", Role.DEPARTMENT, CITY),
    ("administrator", Role.ADMINISTRATOR, CITY),
    ("leaver", Role.STATION_STAFF, WARD),
    ("hospital", Role.HOSPITAL, HOSPITALS_AT),
    ("clinic", Role.HOSPITAL, OTHER_HOSPITAL_AT),
    ("chief", Role.STATION_HEAD, WARD),
]


def _account(name: str, role: Role, area: str) -> NewAccount:
    return NewAccount(username=name, password=PASSWORD, display_name=name.title(), role=role, area=area)


async def execute(urls: DatabaseUrls, sql: str, *arguments: object) -> None:
    """Runs a statement as the owner."""
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        await owner.execute(sql, *arguments)
    finally:
        await owner.close()


@asynccontextmanager
async def serving(place: Place, workers: int = 1, **variables: str) -> AsyncIterator[str]:
    """A server process, with further variables in its environment; the URL it serves at."""
    async with served(place, workers, **variables) as (url, _):
        yield url


@asynccontextmanager
async def served(
    place: Place, workers: int = 1, **variables: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A server process that a test may also kill, and the URL it serves at."""
    port = free_port()
    log = (place.folder / f"server-{port}.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "serve", "--port", str(port), "--workers", str(workers)),
        cwd=ROOT,
        env={**place.environment, **variables},
        stderr=log,
        stdout=log,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await until_ready(url, process)
        yield url, process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        log.close()


async def until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    """Returns when the server says that it is ready."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE * 9):
        while True:
            assert process.returncode is None, "the server has ended: see its log"
            try:
                async with session.get(f"{url}/health/ready") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)  # A process that starts has no event to wait for.


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
async def server(place: Place) -> AsyncIterator[str]:
    """The server that the tests share."""
    async with serving(place) as url:
        yield url


@pytest.fixture(scope="session")
async def api(server: str) -> AsyncIterator[Api]:
    """Somebody without a session."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE * 2)) as session:
        yield Api(server, session)


@pytest.fixture(scope="session")
async def tokens(api: Api) -> dict[str, str]:
    """A token of every account."""
    return {name: await sign_in(api, name) for name, *_ in ACCOUNTS}


SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { ... on Session { token } } }"


async def sign_in(api: Api, name: str) -> str:
    """A new session's token."""
    data = await api.data(SIGN_IN, {"input": {"username": name, "password": PASSWORD}})
    token: str = data["signIn"]["token"]
    return token


@pytest.fixture(scope="session")
async def station(api: Api, tokens: dict[str, str]) -> Api:
    """A nurse of the ward's station."""
    return api.acting(tokens["station"])
