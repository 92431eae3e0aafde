"""The composition root: settings become a runtime, and the runtime an ASGI application. Importing it does nothing."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from alerts.delivery_receipts import DeliveryReceipts
from alerts.delivery_routes import delivery_routes
from graph.admission_bounds import AdmissionBounds
from graph.admission_door import Door
from graph.api import PATH, api_routes, build_admission
from graph.browsers import Browsers, said_always
from graph.explorer.page import explorer_routes
from graph.limits import Limits
from graph.trusted import Trusted
from graph.well_known import well_known_routes
from models.database import service_connection
from process.end_in_order import end_in_order
from process.health import answer, health_routes
from process.log_lines import configure_logging
from process.metrics import Metrics
from process.running import running
from settings import Settings, read

UVICORN = {
    "loop": "process.accepting_loop:AcceptingLoop",
    "http": "process.paced_upgrades:PacedHttp",
    "ws": "process.held_socket:HeldSocket",
    # Deflate costs 37 KiB a socket and a third of the time of a delivery.
    "ws_per_message_deflate": False,
    "access_log": False,
    "log_config": None,
    "server_header": False,
    # uvicorn would believe what any process of this machine forwards; `access.origin` believes whom the settings name.
    "proxy_headers": False,
}
"""How uvicorn is to run the application, for whoever starts it."""

_PERSISTED = 1_000

logger = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None) -> Browsers:
    """The application; what it needs is opened when it starts and closed when it ends.

    Without `settings` they are read from the environment, as each worker of `khaibao serve` does. Raises SettingsError,
    and ManifestError where the trusted documents cannot be read.
    """
    known = settings or read()
    explored = known.explored
    trusted = Trusted(known.trusted_documents, known.trusted_documents_mode) if known.trusted_documents else None

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Door]]:
        configure_logging(known.log_level)
        async with running(known) as runtime:
            bounds = limits(known)
            admission = build_admission(runtime, bounds)
            api = api_routes(runtime, bounds, trusted, admission)
            # In front: whoever is served is looked for among the routes in their order.
            app.router.routes[:0] = api
            app.router.routes.extend(health_routes(runtime))
            browsers.sockets = next(one.app for one in api if isinstance(one, WebSocketRoute))
            browsers.api = next(one.app for one in api if isinstance(one, Route) and one.path == PATH)
            app.router.routes.extend(well_known_routes(runtime.tokens))
            receipts = DeliveryReceipts(service_connection, runtime.clock.now)
            app.router.routes.extend(delivery_routes(receipts, runtime.sealer.ring, known.http_sms_secret))
            if explored:
                app.router.routes.extend(explorer_routes())
            metrics = Metrics(runtime, known)
            app.router.routes.extend(metrics.shared_routes())
            _freeze()
            logger.info("started", mode=known.mode, process=str(runtime.hub.process))
            async with metrics.port():
                with end_in_order(runtime.ending, known.notice_seconds):
                    yield {"door": Door(admission, runtime, said_always(known.hsts_seconds), known.allowed_origins)}
        logger.info("stopped")

    site = Starlette(routes=[Route("/", _front(explored))], lifespan=lifespan)
    # It would send whoever adds a slash to the host that they themselves have named.
    site.router.redirect_slashes = False
    # Round all of it: what the site answers when something breaks is an answer, too.
    browsers = Browsers(site, known.allowed_origins, known.hsts_seconds)
    return browsers


def limits(settings: Settings) -> Limits:
    """The API's bounds as this installation has them."""
    return Limits(
        body=settings.max_body_bytes,
        body_seconds=settings.body_seconds,
        batch=settings.max_batch,
        document=settings.max_document_bytes,
        tokens=settings.max_tokens,
        nesting=settings.max_nesting,
        operations=settings.max_operations,
        fragments=settings.max_fragments,
        directives=settings.max_directives,
        node_directives=settings.max_directives_in_one_place,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        root_fields=settings.max_root_fields,
        cost=settings.max_cost,
        page=settings.max_page,
        variables=settings.max_variable_bytes,
        variable_depth=settings.max_variable_depth,
        variable_values=settings.max_variable_values,
        operation_seconds=settings.operation_seconds,
        compiled=settings.compiled,
        introspection=settings.introspected,
        suggestions=settings.suggested,
        persisted=_PERSISTED if settings.persisted_queries else 0,
        socket_init_seconds=settings.socket_init_seconds,
        socket_idle_seconds=settings.socket_idle_seconds,
        socket_send_seconds=settings.socket_send_seconds,
        shared=settings.shared,
        socket_operations=settings.max_operations_by_socket,
        socket_subscriptions=settings.max_subscriptions_by_socket,
        account_sockets=settings.max_sockets_by_account,
        account_operations=settings.max_operations_by_account,
        account_subscriptions=settings.max_subscriptions_by_account,
        address_sockets=settings.max_sockets_by_address,
        admission=AdmissionBounds(
            wait_seconds=settings.admission_wait,
            stream_seconds=settings.admission_stream_wait,
            answer_seconds=settings.admission_answer,
            alert_seconds=settings.admission_alert,
            told_seconds=settings.admission_told,
            least=settings.admission_least,
            most=max(settings.admission_least, settings.admission_most),
            waiting=settings.admission_waiting,
            longest_return=settings.admission_longest_return,
            subscriptions=settings.max_subscriptions,
        ),
    )


def _freeze() -> None:
    """What stands now stands for good: the collector need not walk over it again, which halves a delivery's cost."""
    gc.collect()
    gc.freeze()
    # Rarely the young, who mostly die by themselves; less rarely the old: a stream that is torn off leaves objects that
    # hold each other. With (50_000, 50, 100) a server whose sockets came and went grew by 60 MiB in seven minutes.
    gc.set_threshold(50_000, 10, 10)


def _front(explored: bool) -> Callable[[Request], Awaitable[Response]]:
    links = {"name": "khaibao", "graphql": PATH, "live": "/health/live", "ready": "/health/ready"}
    if explored:
        links["explorer"] = "/explorer"

    async def front(_: Request) -> Response:
        return answer(links)

    return front
