"""What a command works with: the installation's database, started here if nobody serves it, and a runtime on it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from access.passwords import Passwords
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from alerts.hub import Hub
from clock import Clock
from models.database import DatabaseUrls, application_connection, close, connect, service_connection
from models.embedded import EmbeddedPostgres, attached
from models.migrate import migrate
from models.state import Mode
from process.parts import key_ring, objects, protocols
from services.known_protocols import known_protocols
from services.move_clock import follow_clock
from services.open_installation import open_installation
from services.runtime import Runtime
from settings import Settings, read

_NAMES = {Mode.PRODUCTION: "khaibao", Mode.DEMO: "khaibao_demo", Mode.TEST: "khaibao_test"}

# A command takes one step after another: it needs few connections, and must leave those of the workers alone.
_POOL = 4


@asynccontextmanager
async def database() -> AsyncIterator[Runtime]:
    """A runtime on the installation that the settings name, migrated and connected.

    Raises SettingsError, EmbeddedPostgresError, KeyFileError, InstallationRefused, OSError or asyncpg.PostgresError;
    cli.py says each in one line.
    """
    settings = read()
    async with serving(settings) as urls, runtime_on(settings, urls) as runtime:
        yield runtime


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[DatabaseUrls]:
    """The installation's database: the one of the settings, one that is served already, or one started here."""
    given = given_urls(settings)
    if given is not None:
        yield given
        return
    name = database_name(settings)
    found = attached(settings.postgres_dir, name)
    if found is not None:
        yield found
        return
    async with EmbeddedPostgres(settings.postgres_dir, settings.postgres_bin) as server:
        yield await server.database(name)


@asynccontextmanager
async def runtime_on(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Runtime]:
    """Migrates and connects, and builds what use-cases need. The hub is not started: a command only wakes others."""
    await migrate(urls)
    await connect(urls, pool=_POOL, service_pool=_POOL)
    # All processors: a command that makes hundreds of first passwords has nothing else to do meanwhile.
    passwords = Passwords(os.cpu_count() or 1, cheap=settings.mode != "production")
    try:
        mode = Mode(settings.mode)
        await open_installation(mode)
        clock = Clock(settings.timezone)
        await follow_clock(clock)
        ring = key_ring(settings)
        known = await known_protocols(application_connection())
        yield Runtime(
            clock=clock,
            hub=Hub(settings.broadcast_url, service_connection, clock.now),
            sealer=Sealer(ring),
            pseudonymiser=Pseudonymiser(ring),
            passwords=passwords,
            protocols=protocols(known, settings),
            mode=mode,
            disease=settings.disease,
            phone_region=settings.region,
            allow_unverified=settings.allow_unverified_declare,
            second_factor_required=settings.second_factor_required,
            objects=objects(settings),
        )
    finally:
        passwords.close()
        await close()


def given_urls(settings: Settings) -> DatabaseUrls | None:
    """The three logins on a server of one's own, or None where the database is embedded."""
    if settings.database_url is None:
        return None
    return DatabaseUrls(
        settings.database_url,
        settings.service_url or settings.database_url,
        settings.owner_url or settings.database_url,
    )


def database_name(settings: Settings) -> str:
    """The embedded database's name: one for each mode, so that a demo cannot be taken for the real thing."""
    return _NAMES[Mode(settings.mode)]
