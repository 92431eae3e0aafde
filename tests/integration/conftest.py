"""A real PostgreSQL, built by the migrations, with the city of March 2022 in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from access.actor import ANONYMOUS
from access.keys import Key
from access.passwords import Passwords
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from alerts.hub import Hub
from clock import Clock
from models.database import DatabaseUrls, close, connect, service_connection
from models.embedded import EmbeddedPostgres
from models.installation import Installation
from models.migrate import migrate, plain
from models.state import Mode
from services.import_areas import import_areas
from services.import_stations import import_stations
from services.protocols import Protocols
from services.runtime import Runtime
from services.signing_keys import follow_signing_keys
from tests.integration.standing import hold_standing
from triage.protocol import bundled

DATA = Path(__file__).parents[2] / "data"
MOMENT = datetime(2022, 3, 18, 3, 0, tzinfo=UTC)
"""Ten in the morning of 18 March 2022 in Ho Chi Minh City."""

KEPT = ("area", "area_change", "station", "installation", "protocol", "signing_key", "tortoise_migrations")


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """The embedded server of this test run."""
    async with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
async def urls(server: EmbeddedPostgres) -> DatabaseUrls:
    """The three logins of a database that the migrations have built."""
    urls = await server.database("khaibao_test", fresh=True)
    await migrate(urls)
    await hold_standing(urls)
    return urls


@pytest.fixture(scope="session")
async def house(urls: DatabaseUrls) -> AsyncIterator[Runtime]:
    """A runtime as app.py builds one, on the city of March 2022 with its stations."""
    await connect(urls)
    key = Key("test", b"k" * 32)
    clock = Clock()
    hub = Hub("memory://", service_connection, clock.now)
    passwords = Passwords(cheap=True)
    protocols = Protocols(bundled(), pinned="covid19-hcmc-2022-03-17")
    runtime = Runtime(clock, hub, Sealer(key), Pseudonymiser(key), passwords, protocols, mode=Mode.TEST)
    await Installation.create(id=1, mode=Mode.TEST, using_db=service_connection())
    await import_areas(runtime, ANONYMOUS, (DATA / "areas-hcmc-2022-03.csv").read_bytes())
    await import_stations(runtime, ANONYMOUS, (DATA / "stations-hcmc-2022.csv").read_bytes())
    await follow_signing_keys(runtime)
    await hub.start()
    yield runtime
    await hub.stop()
    passwords.close()
    await close()


@pytest.fixture
async def runtime(house: Runtime, urls: DatabaseUrls) -> Runtime:
    """The runtime with nothing declared yet, at MOMENT."""
    return await begin_anew(house, urls)


async def begin_anew(house: Runtime, urls: DatabaseUrls) -> Runtime:
    """The runtime with nothing declared yet, at MOMENT: also for a test that tells several stories."""
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        rows = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = ", ".join(row["tablename"] for row in rows if row["tablename"] not in KEPT)
        await _empty(owner, names)
    finally:
        await owner.close()
    house.hub.begin_anew()
    house.no_rosters.forget()
    house.clock.follow(MOMENT, timedelta())
    return house


async def _empty(owner: asyncpg.Connection, names: str) -> None:
    while True:
        try:
            await owner.execute(f"TRUNCATE {names}; ALTER SEQUENCE alert_log_number RESTART")
        except asyncpg.DeadlockDetectedError:
            # The hub reads several tables in one statement, and takes them in another order.
            continue
        return
