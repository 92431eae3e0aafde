"""A gateway's own server, small and real: it answers, errs, hangs, or takes a message and loses its answer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web


@dataclass(slots=True)
class Reply:
    """What the server says; `lost` cuts the connection after the message was taken, `hangs` never answers."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    lost: bool = False


class SmsServer:
    """Takes each idempotency key once, as a gateway should, and notes every request."""

    def __init__(self) -> None:
        self.requests: list[tuple[Mapping[str, str], bytes]] = []
        self.taken: Counter[str] = Counter()
        self.reply = Reply()
        self.replies: list[Reply] = []
        self.asked = asyncio.Event()
        self.release = asyncio.Event()
        self.url = ""

    @property
    def bodies(self) -> list[Any]:
        """The JSON of each request."""
        return [orjson.loads(body) for _, body in self.requests]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The next of `replies`, or `reply`."""
        body = await request.read()
        self.requests.append((request.headers, body))
        self.asked.set()
        reply = self.replies.pop(0) if self.replies else self.reply
        if reply.hangs:
            await self.release.wait()
        if reply.status < 300 or reply.lost:
            self.taken[request.headers.get("idempotency-key", "")] += 1
        if reply.lost:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)


@asynccontextmanager
async def sms_server() -> AsyncIterator[SmsServer]:
    """The server, on a free port of this machine."""
    server = SmsServer()
    application = web.Application(client_max_size=2**20)
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/sms"
    try:
        yield server
    finally:
        server.release.set()
        await runner.cleanup()
