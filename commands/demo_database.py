"""The demo's database: emptied at each start, with the city of March 2022, its stations and its accounts in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from commands.outcome import OPERATOR
from commands.session import database_name, given_urls, runtime_on
from models.area import Area
from models.database import DatabaseUrls, application_connection
from models.embedded import EmbeddedPostgres
from models.migrate import plain
from models.state import Role
from services.add_account import NewAccount, add_accounts
from services.import_areas import import_areas
from services.import_stations import import_stations
from settings import Settings
from simulation.staff import ADMINISTRATOR, DEPARTMENT, username

_AREAS = "areas-hcmc-2022-03.csv"
_STATIONS = "demo-stations-hcmc-2022.csv"
_HOSPITALS = "demo-hospitals-hcmc-2022.csv"
_HOSPITALS_AT = frozenset({"774", "771", "769"})
"""The national codes of the districts that have one."""


class DemoRefused(Exception):
    """The demo cannot have its database; the text is one line that says what to do."""


@asynccontextmanager
async def demo_database(place: Settings) -> AsyncIterator[DatabaseUrls]:
    """An empty database for a demo: on the embedded server, or beside the database that the settings name.

    Raises DemoRefused, EmbeddedPostgresError, OSError or asyncpg.PostgresError.
    """
    given = given_urls(place)
    if given is None:
        async with EmbeddedPostgres(place.postgres_dir, place.postgres_bin) as server:
            yield await server.database(database_name(place), fresh=True)
    else:
        yield await _beside(given, database_name(place))


async def furnish(place: Settings, urls: DatabaseUrls, password: str) -> None:
    """Puts in the tree of March 2022, the stations with their fictional numbers, and an account for each of them."""
    async with runtime_on(place, urls) as runtime:
        await import_areas(runtime, OPERATOR, files("data").joinpath(_AREAS).read_bytes())
        for file in (_STATIONS, _HOSPITALS):
            await import_stations(runtime, OPERATOR, files("data").joinpath(file).read_bytes())
        areas = await Area.all().using_db(application_connection())
        await add_accounts(runtime, OPERATOR, _accounts(areas, password))


def _accounts(areas: list[Area], password: str) -> list[NewAccount]:
    parents = {area.parent_id for area in areas}
    made = []
    for area in areas:
        code = area.national_code
        if area.id not in parents:
            head = f"Trưởng Trạm Y tế {area.name}"
            # A doctor each, so that a demo can show every pack of medicine.
            name = username("station", code)
            made.append(NewAccount(name, password, head, Role.STATION_HEAD, area.id, doctor=True))
            continue
        committee = f"Ban Chỉ đạo {area.name}"
        made.append(NewAccount(username("committee", code), password, committee, Role.COMMITTEE, area.id))
        if area.parent_id is not None:
            centre = f"Trung tâm Y tế {area.name}"
            made.append(NewAccount(username("centre", code), password, centre, Role.MEDICAL_CENTRE, area.id))
            if code in _HOSPITALS_AT:
                clinic = f"Bác sĩ Bệnh viện mẫu {area.name}"
                name = username("hospital", code)
                made.append(NewAccount(name, password, clinic, Role.HOSPITAL, area.id, doctor=True))
            continue
        made.append(NewAccount(DEPARTMENT, password, f"Sở Y tế {area.name}", Role.DEPARTMENT, area.id))
        made.append(NewAccount(ADMINISTRATOR, password, "Quản trị viên", Role.ADMINISTRATOR, area.id))
    return made


async def _beside(given: DatabaseUrls, name: str) -> DatabaseUrls:
    """A database of that name on the same server, for the same logins; an older demo's is dropped first."""
    server = await asyncpg.connect(plain(given.owner))
    try:
        if await server.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            await _refuse_what_is_no_demo(_named(given.owner, name), name)
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    except asyncpg.InsufficientPrivilegeError as error:
        raise DemoRefused(
            f"the demo wants a database of its own ({name}) and the owner's login may not make it: "
            "ALTER ROLE ... CREATEDB, or unset KHAIBAO_DATABASE_URL to use the embedded one"
        ) from error
    finally:
        await server.close()
    return DatabaseUrls(*(_named(url, name) for url in (given.application, given.service, given.owner)))


async def _refuse_what_is_no_demo(url: str, name: str) -> None:
    """Whatever somebody has put into a database of this name, only a demo's may be thrown away."""
    connection = await asyncpg.connect(plain(url))
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        known = await connection.fetchval("SELECT to_regclass('public.installation') IS NOT NULL")
        mode = await connection.fetchval("SELECT mode FROM installation WHERE id = 1") if known else None
    finally:
        await connection.close()
    if mode != "demo" and tables:
        raise DemoRefused(f"the database {name} is there already and is no demo's: rename it, for a demo empties it")


def _named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
