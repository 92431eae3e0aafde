"""`khaibao serve`: the API, on the embedded database or on the one of the settings."""

import asyncio
import multiprocessing
import os
import signal
import sys
from typing import Annotated, Any

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from app import UVICORN, create_app
from commands.lifeline import end_with_parent
from commands.listening import PortTaken, free_address
from commands.outcome import refuse
from commands.session import database_name, given_urls, runtime_on
from graph.browsers import Browsers
from graph.manifest import read_manifest
from models.database import DatabaseUrls
from models.embedded import EmbeddedPostgres
from process.accepting_loop import bound_for_several
from process.parts import check_parts
from settings import PREFIX, Settings, read

_MEMORY = "memory://"
_GRACE_SECONDS = 5
_KEEP_ALIVE_SECONDS = 30


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="How many processes serve.")] = None,
) -> None:
    """Serve the API until SIGTERM or Ctrl-C. Without KHAIBAO_DATABASE_URL PostgreSQL runs embedded, as our child.

    Migrations that are missing are run first. With several workers the wake-ups between them go through PostgreSQL,
    unless KHAIBAO_BROADCAST_URL names another broker.
    """
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            # Into the environment, so that one place checks how they go together with the rest.
            os.environ[f"{PREFIX}{name}"] = str(value)
    settings = read()
    if settings.trusted_documents is not None:
        # Here and not in the workers, so that what is wrong is said once.
        read_manifest(settings.trusted_documents)
    check_parts(settings)
    try:
        address = free_address(settings.host, settings.port)
    except PortTaken as error:
        refuse(str(error))
    # Before anything of ours runs that would have to be ended in order: SIGTERM alone would end us on the spot.
    signal.signal(signal.SIGTERM, _end)
    own = None if settings.database_url else EmbeddedPostgres(settings.postgres_dir, settings.postgres_bin)
    try:
        first = settings.keys is None and not settings.key_path.exists()
        urls = asyncio.run(_prepare(settings, own))
        if first:
            typer.echo(f"made the key that seals who somebody is: {settings.key_path}", err=True)
            typer.echo("back it up apart from the database; without it nobody in there has a name again", err=True)
        os.environ.update(environment(settings, urls))
        typer.echo(f"serving at {address.url} until Ctrl-C", err=True)
        _run(settings)
    except KeyboardInterrupt:
        pass  # Asked to end, it has ended in order: uvicorn passes the signal on when it is done.
    finally:
        if own is not None:
            asyncio.run(own.stop())


def _run(settings: Settings) -> None:
    several = bound_for_several(settings.host, settings.port) if settings.workers > 1 else None
    if several is None:
        uvicorn.run("commands.serve:application", factory=True, **_server(settings))
        return
    with several:
        config = uvicorn.Config("commands.serve:application", factory=True, **_server(settings))
        Multiprocess(config, sockets=[several]).run()


def application() -> Browsers:
    """The application of one process, as uvicorn asks for it in each worker."""
    if multiprocessing.parent_process() is not None:
        # A worker whose supervisor was killed would go on holding the port, without the database that died with it.
        end_with_parent()
    return create_app()


async def _prepare(settings: Settings, own: EmbeddedPostgres | None) -> DatabaseUrls:
    """Starts the embedded database and migrates; here and not in the workers, so that what is wrong is said once."""
    urls = given_urls(settings)
    if urls is None and own is not None:
        await own.start()
        urls = await own.database(database_name(settings))
    if urls is None:
        raise RuntimeError("neither a database of the settings nor one of our own")
    async with runtime_on(settings, urls):
        return urls


def environment(settings: Settings, urls: DatabaseUrls) -> dict[str, str]:
    """The environment in which a process serves with these settings, on this database and nothing embedded."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    # Memory is one process's: without this a subscriber would hear the others' alerts a second late.
    broadcast = shared_broker(settings, urls) if settings.workers > 1 else settings.broadcast_url
    told: dict[str, Any] = {
        **settings.model_dump(exclude_none=True),
        "database_url": urls.application,
        "service_url": urls.service,
        "owner_url": urls.owner,
        "broadcast_url": broadcast,
    }
    return kept | {f"{PREFIX}{name.upper()}": _text(value) for name, value in told.items()}


def shared_broker(settings: Settings, urls: DatabaseUrls) -> str:
    """The broker of the settings, or PostgreSQL where that one ends with the process."""
    return urls.service if settings.broadcast_url == _MEMORY else settings.broadcast_url


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _server(settings: Settings) -> dict[str, Any]:
    return {
        **UVICORN,
        "loop": UVICORN["loop"] if sys.platform != "win32" else "asyncio",
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "ws_max_size": settings.max_body_bytes,
        "log_level": settings.log_level,
        "timeout_graceful_shutdown": _GRACE_SECONDS,
        "timeout_keep_alive": _KEEP_ALIVE_SECONDS,
    }


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(0)
