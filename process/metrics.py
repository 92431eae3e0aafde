"""Where a process shows its figures, and to whom.

Several workers share one port, and a scrape of it would meet another of them each time: so each also listens on a port
of its own, counted up from KHAIBAO_METRICS_PORT, and its place in that row is its name.
"""

import asyncio
import contextlib
import hmac
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_address

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from process.aside import bind, listening
from process.exposition import CONTENT_TYPE, Exposition
from process.health import answer, health_routes
from services.runtime import Runtime
from settings import Settings

_TRY_SECONDS = 5.0
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

logger = structlog.get_logger(__name__)


class Metrics:
    """The figures of one process, with who may read them."""

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        """Listens nowhere yet."""
        self._runtime, self._settings = runtime, settings
        self._exposition = Exposition(runtime)

    def routes(self) -> list[Route]:
        """`/metrics` for a port that this process has to itself."""
        return [Route("/metrics", self._page)]

    def shared_routes(self) -> list[Route]:
        """`/metrics` for the port of the API, which other workers may have as well."""
        if self._settings.workers == 1:
            return self.routes()

        async def elsewhere(_: Request) -> Response:
            ports = "scrape the ports from KHAIBAO_METRICS_PORT on, one for each worker"
            return answer({"error": f"several processes answer here, each with figures of its own: {ports}"}, 404)

        return [Route("/metrics", elsewhere)]

    @asynccontextmanager
    async def port(self) -> AsyncIterator[None]:
        """Listens on a port of the process's own as long as it is open, where the settings name a first one."""
        first = self._settings.metrics_port
        if first is None:
            yield
            return
        async with AsyncExitStack() as stack:
            task = asyncio.create_task(self._listen(first, stack), name="metrics-port")
            try:
                yield
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _listen(self, first: int, stack: AsyncExitStack) -> None:
        said = False
        while (found := self._free_port(first)) is None:
            # Whoever is not watched still serves; and the worker whose place this takes may not have gone yet.
            if not said:
                logger.error("metrics_port_taken", first=first, workers=self._settings.workers)
            said = True
            await asyncio.sleep(_TRY_SECONDS)
        place, bound = found
        self._exposition.name = str(place)
        site = Starlette(routes=[*self.routes(), *health_routes(self._runtime)])
        await stack.enter_async_context(listening(site, bound))
        logger.info("metrics_port", port=first + place)

    def _free_port(self, first: int) -> tuple[int, socket.socket] | None:
        for place in range(self._settings.workers):
            with contextlib.suppress(OSError):
                return place, bind(self._settings.host, first + place)
        return None

    async def _page(self, request: Request) -> Response:
        peer = request.client.host if request.client else None
        refusal = may_read(self._settings.metrics_token, peer, request.headers)
        if refusal is not None:
            status, why = refusal
            return answer({"error": why}, status)
        page = await self._exposition.page()
        return Response(page, headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})


def may_read(token: str | None, peer: str | None, headers: Mapping[str, str]) -> tuple[int, str] | None:
    """Why somebody may not read the figures, as a status and a line; None where they may.

    With a token whoever shows it. Without one whoever asks from this very machine, and not through a proxy on it: what
    a proxy passes on comes from anybody.
    """
    if token is not None:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        right = scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())
        return None if right else (401, "figures are shown for the token of KHAIBAO_METRICS_TOKEN")
    if _loopback(peer) and not any(name in headers for name in _FORWARDED):
        return None
    return 403, "figures are shown to this machine, or for a token: set KHAIBAO_METRICS_TOKEN"


def _loopback(peer: str | None) -> bool:
    try:
        return ip_address(peer or "").is_loopback
    except ValueError:
        return False
