"""Random trees of areas with accounts, stations, residents and what they have declared, made by the real services."""

import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import time, timedelta

import asyncpg

from access.actor import ANONYMOUS, Actor
from models.account import Account
from models.area import Area
from models.database import DatabaseUrls, service_connection, service_transaction
from models.evidence import Evidence
from models.migrate import plain
from models.state import EvidenceKind, GrantKind, Outcome, Restriction, Role, StationKind
from models.station import Station
from services.acknowledge import acknowledge
from services.add_duty import Post, add_duty
from services.confirm import confirm
from services.declare import declare
from services.duty_faults import Shift
from services.import_areas import import_areas
from services.import_stations import import_stations
from services.move_area import move_area
from services.move_case import close_to_station, open_to_station
from services.open_session import open_session
from services.published import PublicFigures
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, account
from tests.integration.scope.belongings import Unsealed
from tests.integration.scope.day import live_a_day, upload_photos
from tests.integration.scope.planted import Household, staff_name
from tests.integration.scope.rows import Rows, Watched, read_rows, watched_tables
from tests.integration.standing import changing
from triage.duty import WEEKDAYS

KEPT = ("installation", "protocol", "tortoise_migrations", "signing_key")
REPORTS = [HEALTHY, TIRED, BREATHLESS, OLD_AND_ILL, replace(OLD_AND_ILL, symptoms=("fatigue",))]
PASSWORD = "mật khẩu của mọi người"
_AREAS = "area_id,parent_id,level,type,name,name_en,national_code,pcode,valid_from,valid_to,source"
_STATIONS = "station_id,kind,area_id,name,phone"


@dataclass
class Grove:
    """One drawn world. `parents` is the tree by parent pointers, which is all that the oracle takes from it."""

    runtime: Runtime
    owner: asyncpg.Connection
    tables: list[Watched]
    parents: dict[str, str | None] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    actors: list[Actor] = field(default_factory=list)
    phones: dict[str, int] = field(default_factory=dict)
    """The household of each keyed hash of a phone, for residents."""
    households: dict[int, Household] = field(default_factory=dict)
    claimed: set[int] = field(default_factory=set)
    """The households that a resident has claimed by the receipt's code."""
    hospitals: list[str] = field(default_factory=list)
    unsealed: Unsealed = field(default_factory=dict)
    people: int = 0

    async def rows(self, before: Rows | None = None) -> Rows:
        """The tables as they stand; `before` again, where nothing has changed since."""
        now, sealer = self.runtime.clock.now(), self.runtime.sealer
        return await read_rows(self.owner, self.tables, now, sealer, self.unsealed, before)

    def below(self, area_id: str | None, top: str | None) -> bool:
        """Whether an area is `top` or lies below it, step by step towards the root."""
        while area_id is not None:
            if area_id == top:
                return True
            area_id = self.parents.get(area_id)
        return False

    def leaves(self) -> list[str]:
        """The areas without a part, where people live."""
        inner = set(self.parents.values())
        return [area for area in self.parents if area not in inner]

    def next_household(self, chance: random.Random, *, copied: bool = False) -> Household:
        """A household of one or two new people; where `copied`, one of them gives somebody else's national id."""
        people = tuple(range(self.people, self.people + chance.randint(1, 2)))
        ids = list(people)
        if copied and self.people:
            ids[0] = chance.randrange(self.people)
        self.people += len(people)
        made = Household(len(self.households), people, tuple(ids))
        self.households[made.number] = made
        return made


async def plant(runtime: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection, chance: random.Random) -> Grove:
    """A world of its own in an emptied database."""
    await empty(owner)
    forget(runtime)
    grove = Grove(runtime, owner, await watched_tables(owner))
    await _plant_areas(grove, chance)
    await _plant_stations(grove, chance)
    residents = await _declare(grove, chance)
    await _photograph(grove, chance)
    await _answer(grove, chance)
    await live_a_day(grove, chance, residents)
    if chance.random() < 0.5:
        await move_somewhere(grove, chance)
    await _hire(grove, chance)
    await _grant(grove, chance)
    await _put_on_duty(grove, chance)
    grove.actors += [ANONYMOUS, *residents, *(await _unfinished(grove, chance))]
    await upload_photos(grove, chance)
    async with service_transaction() as connection:
        for resident in residents[:6]:
            await open_session(grove.runtime, connection, phone_hash=resident.phone_hash)
    return grove


async def empty(owner: asyncpg.Connection) -> None:
    """Removes everything but what belongs to the installation itself."""
    rows = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = ", ".join(row["tablename"] for row in rows if row["tablename"] not in KEPT)
    for _ in range(10):
        # The hub and the trail's writer read and write meanwhile, and may hold one table while they wait for another.
        with suppress(asyncpg.DeadlockDetectedError):
            await owner.execute(f"TRUNCATE {names}; ALTER SEQUENCE alert_log_number RESTART")
            return
    raise RuntimeError("the tables could not be emptied")


def forget(runtime: Runtime) -> None:
    """Makes the process forget what it has remembered of the world before."""
    runtime.hub.begin_anew()
    runtime.public = PublicFigures()


async def as_owner(urls: DatabaseUrls) -> asyncpg.Connection:
    """A connection past every wall."""
    return await asyncpg.connect(plain(urls.owner))


async def _plant_areas(grove: Grove, chance: random.Random) -> None:
    """One or two trees of one to six levels."""
    lines: list[str] = []
    for _ in range(chance.choice([1, 1, 2])):
        levels = chance.randint(1, 6)
        row = [_area(grove, lines, None, 1)]
        for level in range(2, levels + 1):
            fan = [_area(grove, lines, row[0], level)]
            fan += [_area(grove, lines, above, level) for above in row for _ in range(chance.choice([0, 1, 1, 2, 3]))]
            row = fan[:12]
    await import_areas(grove.runtime, ANONYMOUS, "\n".join([_AREAS, *lines]).encode())


def _area(grove: Grove, lines: list[str], above: str | None, level: int) -> str:
    number = len(grove.parents)
    made = f"a{number}"
    grove.parents[made], grove.codes[made] = above, f"{500 + number}"
    lines.append(f"{made},{above or ''},{level},khu,Khu {number},Area {number},{500 + number},,2021-01-01,,drawn")
    return made


async def _plant_stations(grove: Grove, chance: random.Random) -> None:
    leaves = set(grove.leaves())
    lines = [
        f"{area}-st,{'WARD_STATION' if area in leaves else 'MEDICAL_CENTRE'},{area},Trạm {area},"
        for area in grove.parents
        if chance.random() < 0.8
    ]
    grove.hospitals = [f"{area}-bv" for area in chance.sample(list(grove.parents), min(2, len(grove.parents)))]
    lines += [f"{id},HOSPITAL,{id.removesuffix('-bv')},Bệnh viện {id}," for id in grove.hospitals]
    if lines:
        await import_stations(grove.runtime, ANONYMOUS, "\n".join([_STATIONS, *lines]).encode())


async def _declare(grove: Grove, chance: random.Random) -> list[Actor]:
    """Households in random places, some of them by residents whose phone was proven."""
    leaves, residents = grove.leaves(), []
    yesterday = grove.runtime.clock.day() - timedelta(days=1)
    for _ in range(chance.randint(8, 24)):
        made = grove.next_household(chance, copied=chance.random() < 0.2)
        reports = [replace(chance.choice(REPORTS), test_on=yesterday) for _ in made.people]
        actor = ANONYMOUS
        if chance.random() < 0.6:
            phone = grove.runtime.pseudonymiser.phone(f"+84{made.phone[1:]}")
            resident = Actor("RESIDENT", phone_hash=phone)
            grove.phones[phone] = made.number
            residents.append(resident)
            # Some prove their phone only after they have declared: then the receipt's code is what opens it to them.
            actor = chance.choice([resident, resident, ANONYMOUS])
        await declare(grove.runtime, actor, made.report(grove.codes[chance.choice(leaves)], reports))
    return residents


async def _photograph(grove: Grove, chance: random.Random) -> None:
    """Some reports have a photo, sent with them or added by a station."""
    now = grove.runtime.clock.now()
    for one in (await grove.rows()).declarations.values():
        if chance.random() < 0.5:
            area = await Area.get(id=one["area_id"], using_db=service_connection())
            await Evidence.create(
                using_db=service_connection(),
                kind=chance.choice(list(EvidenceKind)),
                case_id=one["case_id"],
                declaration_id=one["id"] if chance.random() < 0.7 else None,
                area_no=area.lo,
                object_key=f"{chance.randrange(16**32):032x}",
                data_key=grove.runtime.sealer.seal("evidence:nowhere", {"key": ""}),
                created_at=now,
                uploaded_at=now,
            )


async def _answer(grove: Grove, chance: random.Random) -> None:
    """Some alerts are taken and resolved, some cases confirmed, by somebody who may everywhere."""
    rows = await grove.rows()
    for top in [area for area, above in grove.parents.items() if above is None]:
        area = await Area.get(id=top, using_db=service_connection())
        staff = await account(grove.runtime, Role.DEPARTMENT, area)
        taken: set[object] = set()
        for alert in rows.alerts.values():
            if alert["case_id"] in taken or not grove.below(alert["area_id"], top) or chance.random() < 0.5:
                continue
            taken.add(alert["case_id"])
            await acknowledge(grove.runtime, staff, alert["id"])
            if chance.random() < 0.5:
                await resolve(grove.runtime, staff, alert["id"], Outcome.ADVISED)
        for case in rows.cases.values():
            if grove.below(case["area_id"], top) and chance.random() < 0.3:
                await confirm(grove.runtime, staff, case["id"])


async def move_somewhere(grove: Grove, chance: random.Random) -> str | None:
    """Moves an area below another one, and says which; None where none can be moved."""
    movable = [area for area, above in grove.parents.items() if above is not None]
    if not movable:
        return None
    moved = chance.choice(movable)
    # Not below an area where people live: it would be a ward no more, and its rows would stay behind in the middle.
    inner = {above for above in grove.parents.values() if above}
    targets = [area for area in grove.parents if area in inner and not grove.below(area, moved)]
    target = chance.choice(targets)
    await move_area(grove.runtime, ANONYMOUS, moved, target)
    grove.parents[moved] = target
    return moved


async def _hire(grove: Grove, chance: random.Random) -> None:
    """Accounts of every role at random places."""
    for role in Role:
        for _ in range(chance.randint(1, 3)):
            place = await Area.get(id=chance.choice(list(grove.parents)), using_db=service_connection())
            if role is not Role.HOSPITAL:
                grove.actors.append(replace(await account(grove.runtime, role, place), doctor=chance.random() < 0.5))
    for hospital in grove.hospitals:
        place = await Area.get(id=hospital.removesuffix("-bv"), using_db=service_connection())
        doctor = await account(grove.runtime, Role.HOSPITAL, place)
        async with changing() as connection:
            await Account.filter(id=doctor.account_id).using_db(connection).update(station_id=hospital)
        grove.actors.append(replace(doctor, station_id=hospital))
    hashed = await grove.runtime.passwords.hash(PASSWORD)
    await Account.all().using_db(service_connection()).update(password_hash=hashed)
    await _name(grove)


async def _name(grove: Grove) -> None:
    """Gives every member of staff a name that is found wherever it turns up."""
    names = {row["id"]: staff_name(row["n"]) for row in await grove.owner.fetch(_NUMBERED)}
    await grove.owner.execute(_NAME, list(names), list(names.values()))
    grove.actors = [
        replace(actor, display_name=names[actor.account_id]) if actor.account_id else actor for actor in grove.actors
    ]


async def _grant(grove: Grove, chance: random.Random) -> None:
    """Some cases are open to a station that does not answer for them, as to whoever has sent the person there."""
    stations = sorted({actor.station_id for actor in grove.actors if actor.station_id} - set(grove.hospitals))
    now = grove.runtime.clock.now()
    async with service_transaction() as connection:
        for case in (await grove.rows()).cases if stations else ():
            if chance.random() < 0.2:
                station = chance.choice(stations)
                await open_to_station(connection, case, station, GrantKind.SENDER, now)
                if chance.random() < 0.3:
                    await close_to_station(connection, case, station, now)


async def _put_on_duty(grove: Grove, chance: random.Random) -> None:
    """Somebody at some of the stations, and for some of the areas as for a city."""
    shift = Shift("BS. Trực", "0901000001", tuple(WEEKDAYS), time(0), time(0))
    for top in [area for area, above in grove.parents.items() if above is None]:
        keeper = await account(grove.runtime, Role.DEPARTMENT, await Area.get(id=top, using_db=service_connection()))
        stations = (
            await Station.filter(active=True)
            .exclude(kind=StationKind.HOSPITAL)
            .using_db(service_connection())
            .order_by("id")
        )
        posts = [Post(station.id) for station in stations if grove.below(station.area_id, top)]
        posts += [Post(area_id=area) for area in grove.parents if grove.below(area, top)]
        for post in chance.sample(posts, min(len(posts), 5)):
            await add_duty(grove.runtime, keeper, post, shift)


async def _unfinished(grove: Grove, chance: random.Random) -> list[Actor]:
    """The same accounts with a session that has yet to set a password or a second factor."""
    whole = [actor for actor in grove.actors if actor.role in (Role.DEPARTMENT, Role.STATION_HEAD)]
    return [replace(chance.choice(whole), restriction=chance.choice(list(Restriction)))]


_NUMBERED = "SELECT id, row_number() OVER (ORDER BY id) AS n FROM account"
_NAME = """
UPDATE account a SET display_name = n.name FROM unnest($1::uuid[], $2::text[]) AS n (id, name) WHERE a.id = n.id
"""
