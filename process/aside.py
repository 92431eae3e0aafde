"""A second listener of a process, beside what it serves to everybody."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from starlette.applications import Starlette


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError where somebody else does."""
    family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        # Bound is not enough: two may be bound to one port until the first of them listens.
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound


@asynccontextmanager
async def listening(site: Starlette, bound: socket.socket) -> AsyncIterator[None]:
    """Serves a site on a bound socket for as long as it is open."""
    config = uvicorn.Config(
        site,
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _WithoutSignals(config)
    task = asyncio.create_task(server.serve([bound]), name="aside")
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _WithoutSignals(uvicorn.Server):
    """One that does not end the process: what it stands beside is ended first."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # uvicorn names its generator
        """None."""
        return nullcontext()
