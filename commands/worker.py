"""`khaibao worker`: the installation's work without serving: sending, escalating, sealing, forgetting."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import structlog
import typer
from starlette.applications import Starlette

from commands.listening import Address, PortTaken, free_address
from commands.outcome import refuse
from commands.serve import shared_broker
from commands.session import database_name, given_urls, runtime_on, serving
from models.database import DatabaseUrls
from models.embedded import attached
from process.aside import bind, listening
from process.health import health_routes
from process.log_lines import configure_logging
from process.metrics import Metrics
from process.running import running
from process.upkeep import working
from services.runtime import Runtime
from settings import Settings, read

_LOOK_SECONDS = 0.1

logger = structlog.get_logger(__name__)


def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end: for cron.")] = False,
    health_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port to answer /health/live and /health/ready on.")
    ] = None,
) -> None:
    """Do the installation's work until SIGTERM or Ctrl-C: send messages, escalate alerts, seal the record of who did
    what, make old cases anonymous, apply changes of areas.

    Any number of workers may run, on any number of machines; each serving process does the same beside them unless it
    has KHAIBAO_BACKGROUND=false. Exit code 0 where it was asked to end, or all that was due is done; 1 otherwise.
    """
    settings = read()
    configure_logging(settings.log_level)
    port = health_port or settings.worker_port
    try:
        address = free_address(settings.host, port) if port and not once else None
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_once(settings) if once else _until_told(settings, address))
    except PortTaken as error:
        refuse(str(error))


async def _until_told(settings: Settings, address: Address | None) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows ends a process without asking it.
            asyncio.get_running_loop().add_signal_handler(number, told.set)
    urls = given_urls(settings) or attached(settings.postgres_dir, database_name(settings))
    if urls is None:
        refuse("there is no database to work on: start `khaibao serve`, or set KHAIBAO_DATABASE_URL")
    async with _worker(settings, urls) as runtime, _health(runtime, address, settings):
        where = f", health at {address.url}/health/ready" if address else ""
        typer.echo(f"working until Ctrl-C{where}", err=True)
        logger.info("working", mode=settings.mode, process=str(runtime.hub.process))
        await told.wait()
        runtime.ending.begin()
        logger.info("ending")
    logger.info("stopped")


async def _once(settings: Settings) -> None:
    failed = 0
    async with serving(settings) as urls, _worker(settings, urls) as runtime:
        for _, look in working(runtime):
            try:
                await look()
            except Exception as error:  # One fault must not keep the rest from being done.
                failed += 1
                logger.warning("look_failed", error=type(error).__name__)
        relay = runtime.relay
        if relay is None:
            raise RuntimeError("a worker without a relay")
        while await relay.send_due() or relay.in_flight:  # noqa: ASYNC110 - what the relay took by itself sets no event
            await asyncio.sleep(_LOOK_SECONDS)
        left, resting = await relay.backlog(), relay.resting
    if failed or resting:
        silent = f"; these gateways do not take messages: {', '.join(resting)}" if resting else ""
        refuse(f"{failed} kinds of work failed (the log says which), {left.waiting} messages wait{silent}")
    typer.echo(f"what was due is done; {left.waiting} messages wait for their time", err=True)


@asynccontextmanager
async def _worker(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Runtime]:
    """A runtime that works, on a database with this version's tables, whoever comes first to make them."""
    async with runtime_on(settings, urls):
        pass
    place: dict[str, Any] = {
        "database_url": urls.application,
        "service_url": urls.service,
        "owner_url": urls.owner,
        "broadcast_url": shared_broker(settings, urls),
        "background": True,
    }
    async with running(settings.model_copy(update=place)) as runtime:
        yield runtime


@asynccontextmanager
async def _health(runtime: Runtime, address: Address | None, settings: Settings) -> AsyncIterator[None]:
    if address is None:
        yield
        return
    site = Starlette(routes=[*health_routes(runtime), *Metrics(runtime, settings).routes()])
    async with listening(site, bind(address.host, address.port)):
        yield
