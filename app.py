"""The composition root: settings become a runtime, and the runtime an ASGI application. Importing it does nothing."""

import asyncio
import contextlib
import gc
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import orjson
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tortoise.exceptions import OperationalError

from access.actor import ANONYMOUS
from access.keys import KeyRing, keys_from, load_keys
from access.origin import Origins, trusted_networks
from access.passwords import Passwords
from access.provider import Provider
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from access.tokens import Tokens
from alerts.console_gateway import ConsoleGateway
from alerts.gateway import Gateway
from alerts.gateways import Gateways
from alerts.http_gateway import DEFAULT_TEMPLATE, BadTemplate, HttpGateway, read_template
from alerts.hub import Hub
from alerts.kannel_gateway import KannelGateway
from alerts.receipt_routes import receipt_routes
from alerts.receipts import Receipts
from alerts.relay import Relay
from alerts.wording import Detail, Wording
from clock import Clock
from graph.api import PATH, api_routes
from graph.explorer.page import explorer_routes
from graph.limits import Limits
from graph.well_known import well_known_routes
from message_settings import listed
from models.database import DatabaseUrls, application_connection, close, connect, service_connection
from models.state import Mode
from services.apply_due_changes import apply_due_changes
from services.clean_sessions import clean_sessions
from services.follow_protocols import ProtocolFollower
from services.known_protocols import known_protocols
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_redis import RedisCounters
from services.limit_rules import Rule, changed_bounds
from services.limit_table import TableCounters
from services.move_clock import follow_clock
from services.open_installation import open_installation
from services.protocols import Protocols
from services.retention import run_retention
from services.runtime import Runtime
from services.seal_trail import SEAL_SECONDS, seal_trail, tell_head
from services.signing_keys import follow_signing_keys
from settings import PREFIX, Settings, SettingsError, read

UVICORN = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "websockets-sansio",
    # Deflate costs 37 KiB a socket and a third of the time of a delivery.
    "ws_per_message_deflate": False,
    "access_log": False,
    "log_config": None,
    "server_header": False,
    # uvicorn would believe what any process of this machine forwards; `access.origin` believes whom the settings name.
    "proxy_headers": False,
}
"""How uvicorn is to run the application, for whoever starts it."""

KEYS_SECONDS = 5.0
"""How long a serving process may go on with keys that its file has not any more; `khaibao keys rotate` waits longer."""

_CLOCK_SECONDS = 1.0
_PROTOCOL_SECONDS = 15.0
_AREAS_SECONDS = 60.0
# Far more often than days are counted in: a process that is started anew each night would never come to a day's end.
_RETENTION_SECONDS = 3600.0
_SIGNING_KEYS_SECONDS = 60.0
_HEAD_SECONDS = 3_600.0
_CLEANING_SECONDS = 600.0
_SWEEP_SECONDS = 60.0
_READY_SECONDS = 2.0
_LATE_SECONDS = 10.0

logger = structlog.get_logger(__name__)


class NotMigrated(Exception):
    """The database has not the tables that this program needs."""


def create_app(settings: Settings | None = None) -> Starlette:
    """The application; what it needs is opened when it starts and closed when it ends.

    Without `settings` they are read from the environment, as each worker of `khaibao serve` does. Raises SettingsError.
    """
    known = settings or read()
    explored = known.mode != "production"

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        configure_logging(known.log_level)
        async with running(known) as runtime:
            app.router.routes.extend(_health(runtime))
            app.router.routes.extend(api_routes(runtime, limits(known)))
            app.router.routes.extend(well_known_routes(runtime.tokens))
            receipts = Receipts(service_connection, runtime.clock.now)
            app.router.routes.extend(receipt_routes(receipts, runtime.sealer.ring, known.http_sms_secret))
            if explored:
                app.router.routes.extend(explorer_routes())
            _freeze()
            logger.info("started", mode=known.mode, process=str(runtime.hub.process))
            yield
        logger.info("stopped")

    return Starlette(routes=[Route("/", _front(explored))], lifespan=lifespan)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Runtime]:
    """The runtime of a serving process, with its hub, and its clock and protocols kept up to date.

    Raises NotMigrated, InstallationRefused, KeyFileError, ProtocolError, OSError or asyncpg.PostgresError.
    """
    ring = key_ring(settings)
    await connect(_urls(settings), pool=settings.pool_size, service_pool=settings.service_pool_size)
    passwords = Passwords(cheap=settings.mode != "production")
    try:
        mode = Mode(settings.mode)
        await _open(mode)
        clock = Clock(settings.timezone)
        await follow_clock(clock)
        protocols = Protocols(await known_protocols(application_connection()), settings.protocol_pin)
        sealer = Sealer(ring)
        pseudonymiser = Pseudonymiser(ring)
        counters = _counters(settings.broadcast_url)
        relay = Relay(service_connection, sealer, _gateways(settings, ring, clock), clock.now)
        runtime = Runtime(
            clock=clock,
            hub=Hub(settings.broadcast_url, service_connection, clock.now),
            sealer=sealer,
            pseudonymiser=pseudonymiser,
            passwords=passwords,
            protocols=protocols,
            tokens=Tokens(settings.issuer, settings.access_token_seconds),
            key_period=timedelta(days=settings.signing_key_days),
            mode=mode,
            disease=settings.disease,
            phone_region=settings.region,
            allow_unverified=settings.allow_unverified_declare,
            second_factor_required=settings.second_factor_required,
            provider=_provider(settings),
            wake_relay=relay.wake,
            relay=relay,
            wording=_wording(settings),
            residents_told=settings.residents_told,
            origins=Origins(pseudonymiser.origin, trusted_networks(settings.trusted_proxies)),
            limits=Limiter(counters, pseudonymiser.counted, _changed_bounds(settings.limits)),
        )
        if mode is Mode.PRODUCTION and ConsoleGateway.name in listed(settings.sms_gateways):
            # Also as the last of several: what the file takes counts as handed over, and reaches no phone.
            logger.warning("messages_go_to_a_file", gateway=ConsoleGateway.name)
        runtime.tokens.look = lambda: follow_signing_keys(runtime)
        await runtime.tokens.look()
        await runtime.hub.start()
        relay.start()
        try:
            followed = ProtocolFollower(protocols)
            async with (
                _every(_CLOCK_SECONDS, lambda: follow_clock(clock)),
                _every(KEYS_SECONDS, lambda: _follow_keys(ring)),
                _every(_PROTOCOL_SECONDS, followed.look),
                _every(_AREAS_SECONDS, lambda: apply_due_changes(runtime)),
                _every(_RETENTION_SECONDS, lambda: run_retention(runtime, ANONYMOUS)),
                _every(SEAL_SECONDS, lambda: runtime.refusals.write(clock)),
                _every(SEAL_SECONDS, runtime.trail.drain),
                _every(SEAL_SECONDS, lambda: seal_trail(runtime)),
                _every(_HEAD_SECONDS, lambda: tell_head(runtime)),
                _every(_SIGNING_KEYS_SECONDS, runtime.tokens.look),
                _every(_SWEEP_SECONDS, counters.sweep),
                _every(_CLEANING_SECONDS, lambda: clean_sessions(runtime)),
            ):
                yield runtime
        finally:
            await relay.stop()
            await runtime.hub.stop()
            await _last_lines(runtime)
            await counters.close()
    finally:
        passwords.close()
        await close()


def _gateways(settings: Settings, ring: KeyRing, clock: Clock) -> Gateways:
    def made(name: str) -> Gateway:
        match name:
            case "http":
                return HttpGateway(
                    settings.http_sms_url or "",
                    _template(settings.http_sms_template or DEFAULT_TEMPLATE),
                    secret=settings.http_sms_secret,
                    authorization=settings.http_sms_authorization,
                )
            case "kannel":
                return KannelGateway(
                    settings.kannel_url or "",
                    settings.kannel_user or "",
                    settings.kannel_password or "",
                    sender=settings.kannel_sender,
                    receipt_url=settings.kannel_receipt_url,
                    keys=ring,
                )
            case _:
                return ConsoleGateway(settings.sms_log_path, clock.now)

    return Gateways([made(name) for name in listed(settings.sms_gateways)])


def _template(text: str) -> object:
    try:
        return read_template(text)
    except BadTemplate as error:
        raise SettingsError(f"{PREFIX}HTTP_SMS_TEMPLATE: {error}") from None


def _wording(settings: Settings) -> Wording:
    detail = frozenset(Detail(name) for name in listed(settings.sms_detail))
    return Wording(settings.sms_language, settings.sms_accents, detail, settings.public_url)


def _counters(broadcast_url: str) -> MemoryCounters | RedisCounters | TableCounters:
    """Where tries are counted: in memory for one process, else where all of them see it."""
    match urlsplit(broadcast_url).scheme:
        case "memory":
            return MemoryCounters()
        case "redis" | "rediss":
            return RedisCounters(broadcast_url)
        case _:
            return TableCounters()


def _changed_bounds(text: str) -> dict[Rule, str]:
    try:
        return changed_bounds(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}LIMITS: {error}") from None


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    return Provider(settings.oidc_issuer, settings.oidc_audience, settings.oidc_claim, settings.oidc_factor)


def key_ring(settings: Settings) -> KeyRing:
    """The keys that the settings give or name. Raises KeyFileError."""
    return load_keys(settings.key_path) if settings.keys is None else keys_from(settings.keys)


async def _last_lines(runtime: Runtime) -> None:
    """What the trail still lacks: subscriptions that have just ended, and refusals of this minute."""
    try:
        await runtime.trail.drain()
        async with asyncio.timeout(_READY_SECONDS):
            await runtime.refusals.write(runtime.clock)
    except Exception as error:  # The database may be gone before us: it must not keep the process from ending.
        logger.warning("trail_not_written", error=type(error).__name__)


def limits(settings: Settings) -> Limits:
    """The API's bounds as this installation has them."""
    return Limits(
        body=settings.max_body_bytes,
        tokens=settings.max_tokens,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
    )


def configure_logging(level: str) -> None:
    """One JSON object a line on standard error, ours and the libraries' alike; never an exception's text."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_exception,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # These say each connection and each statement, at a level that is ours.
    for name in ("uvicorn.access", "websockets", "tortoise", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # On its debug level it writes every frame of a socket: names of people, and the tokens that open it.
    server = logging.getLogger("uvicorn.error")
    server.setLevel(max(logging.INFO, logging.getLevelName(level.upper())))


def _json(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()


def _without_exception(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # A driver's message quotes the row that was refused, and a row is a person: the kind of error must do.
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info else None
    if error is not None:
        event["error"] = type(error).__name__
    return event


def _urls(settings: Settings) -> DatabaseUrls:
    if settings.database_url is None:
        raise NotMigrated(
            "there is no database: start with `khaibao serve`, which brings one, or set KHAIBAO_DATABASE_URL"
        )
    service = settings.service_url or settings.database_url
    return DatabaseUrls(settings.database_url, service, settings.owner_url or settings.database_url)


async def _open(mode: Mode) -> None:
    try:
        await open_installation(mode)
    except (OperationalError, asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise NotMigrated("the database lacks tables or columns of this version: run `khaibao migrate`") from error


async def _follow_keys(ring: KeyRing) -> None:
    if ring.reload():
        logger.info("keys_read", current=ring.current.name, known=[key.name for key in ring.known])


@asynccontextmanager
async def _every(seconds: float, look: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    async def again_and_again() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await look()
            except Exception as error:  # The database may be away for a while; the next look finds it again.
                logger.warning("look_failed", error=type(error).__name__)

    task = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _freeze() -> None:
    """What stands now stands for good: the collector need not walk over it again, which halves a delivery's cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def _front(explored: bool) -> Callable[[Request], Awaitable[Response]]:
    links = {"name": "khaibao", "graphql": PATH, "live": "/health/live", "ready": "/health/ready"}
    if explored:
        links["explorer"] = "/explorer"

    async def front(_: Request) -> Response:
        return _answer(links)

    return front


def _health(runtime: Runtime) -> list[Route]:
    async def live(_: Request) -> Response:
        return _answer({"status": "live"})

    async def ready(_: Request) -> Response:
        reasons = [*await _database_fault(), *(["log_late"] if runtime.hub.lag_seconds > _LATE_SECONDS else [])]
        # Without its broker a process reads the log every second: slower, but no reason to take it out of service.
        slower = ["broker"] if runtime.hub.deaf else []
        status = "unready" if reasons else "ready"
        return _answer({"status": status, "reasons": reasons, "degraded": slower}, 503 if reasons else 200)

    return [Route("/health/live", live), Route("/health/ready", ready)]


async def _database_fault() -> list[str]:
    try:
        async with asyncio.timeout(_READY_SECONDS):
            await application_connection().execute_query("SELECT 1")
            await service_connection().execute_query("SELECT 1")
    except Exception as error:  # Whatever it is, the answer is the same: not now.
        logger.warning("not_ready", error=type(error).__name__)
        return ["database"]
    return []


def _answer(content: Mapping[str, object], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, {"cache-control": "no-store"}, media_type="application/json")
