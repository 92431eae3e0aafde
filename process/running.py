"""A runtime that runs: connected, following what changes, at its work, and ended in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import structlog
from tortoise.exceptions import OperationalError

from access.origin import Origins, trusted_networks
from access.passwords import Passwords
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from access.tokens import Tokens
from alerts.console_gateway import ConsoleGateway
from alerts.hub import Hub
from alerts.relay import Relay
from clock import Clock
from message_settings import listed
from models.database import application_connection, close, connect, service_connection
from models.replica import Replica
from models.state import Mode
from process.parts import (
    NotMigrated,
    bounds,
    counters,
    database_urls,
    gateways,
    key_ring,
    mail,
    objects,
    press,
    protocols,
    provider,
    tracer,
    wording,
)
from process.upkeep import upkeep
from services.known_protocols import known_protocols
from services.limit import Limiter
from services.move_clock import follow_clock
from services.open_installation import open_installation
from services.runtime import Runtime
from services.signing_keys import follow_signing_keys
from services.together import Together
from settings import Settings
from telemetry.meters import Meters

_LAST_SECONDS = 2.0
_LATER_SECONDS = 5.0

logger = structlog.get_logger(__name__)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Runtime]:
    """The runtime of a serving process or a worker, with its hub, and its clock and protocols kept up to date.

    Where the settings leave the work to others it has no relay.

    Raises NotMigrated, InstallationRefused, KeyFileError, ProtocolError, OSError or asyncpg.PostgresError.
    """
    ring = key_ring(settings)
    await connect(
        database_urls(settings),
        pool=settings.pool_size,
        service_pool=settings.service_pool_size,
        # Later than the process itself, which knows why it ends something and says so.
        statement_seconds=settings.operation_seconds + _LATER_SECONDS,
    )
    passwords = Passwords(cheap=settings.mode != "production")
    try:
        mode = Mode(settings.mode)
        await _open(mode)
        clock = Clock(settings.timezone)
        await follow_clock(clock)
        known = protocols(await known_protocols(application_connection()), settings)
        sealer = Sealer(ring)
        pseudonymiser = Pseudonymiser(ring)
        tries = counters(settings.broadcast_url)
        meters, traced = Meters(), tracer(settings)
        said = wording(settings)
        carried = gateways(settings, ring, clock, meters, traced)
        relay = Relay(service_connection, sealer, carried, clock.now, wording=said, mail=mail(settings, meters, traced))
        printing = press(settings)
        runtime = Runtime(
            clock=clock,
            hub=Hub(settings.broadcast_url, service_connection, clock.now),
            sealer=sealer,
            pseudonymiser=pseudonymiser,
            passwords=passwords,
            protocols=known,
            tokens=Tokens(settings.issuer, settings.access_token_seconds),
            key_period=timedelta(days=settings.signing_key_days),
            mode=mode,
            disease=settings.disease,
            phone_region=settings.region,
            allow_unverified=settings.allow_unverified_declare,
            second_factor_required=settings.second_factor_required,
            provider=provider(settings),
            relay=relay if settings.background else None,
            wording=said,
            escalation=settings.escalation,
            residents_told=settings.residents_told,
            objects=objects(settings),
            press=printing,
            origins=Origins(pseudonymiser.origin, trusted_networks(settings.trusted_proxies)),
            replica=Replica(settings.replica_staleness) if settings.replica_url else None,
            declaring=Together(on=settings.together),
            limits=Limiter(tries, pseudonymiser.counted, bounds(settings.limits)),
            meters=meters,
            tracer=traced,
        )
        if mode is Mode.PRODUCTION and ConsoleGateway.name in listed(settings.sms_gateways):
            # Also as the last of several: what the file takes counts as handed over, and reaches no phone.
            logger.warning("messages_go_to_a_file", gateway=ConsoleGateway.name)
        if mode is Mode.PRODUCTION and settings.signing_pkcs12 is None:
            logger.warning("certificates_are_signed_by_a_demo_authority")
        runtime.tokens.look = lambda: follow_signing_keys(runtime)
        await runtime.tokens.look()
        await runtime.hub.start()
        if settings.background:
            runtime.wake_relay = relay.wake
            relay.start()
        try:
            async with upkeep(runtime, tries, work=settings.background):
                yield runtime
        finally:
            await relay.stop()
            printing.close()
            await runtime.hub.stop()
            await _last_lines(runtime)
            await runtime.photos.close()
            await tries.close()
            if traced is not None:
                await asyncio.to_thread(traced.close)
    finally:
        passwords.close()
        await close()


async def _open(mode: Mode) -> None:
    try:
        await open_installation(mode)
    except (OperationalError, asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise NotMigrated("the database lacks tables or columns of this version: run `khaibao migrate`") from error


async def _last_lines(runtime: Runtime) -> None:
    """What the trail still lacks: subscriptions that have just ended, and refusals of this minute."""
    try:
        await runtime.trail.drain()
        async with asyncio.timeout(_LAST_SECONDS):
            await runtime.refusals.write(runtime.clock)
    except Exception as error:  # The database may be gone before us: it must not keep the process from ending.
        logger.warning("trail_not_written", error=type(error).__name__)
