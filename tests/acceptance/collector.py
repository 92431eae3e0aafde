"""A collector of traces at the edge: takes OTLP over HTTP as a real one does, and keeps what it was sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.acceptance.client import PATIENCE


@dataclass(frozen=True, slots=True)
class Found:
    """A span as it arrived; ids in hexadecimal."""

    name: str
    trace: str
    id: str
    parent: str
    failed: bool
    notes: dict[str, str]


@dataclass(slots=True)
class Collector:
    """What has arrived."""

    url: str = ""
    spans: list[Found] = field(default_factory=list)
    raw: bytes = b""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[list[Found]], bool]) -> list[Found]:
        """The spans, as soon as this holds of them: they come in batches, seconds later."""
        async with asyncio.timeout(PATIENCE * 2):
            while not holds(self.spans):
                self.arrived.clear()
                await self.arrived.wait()
        return self.spans

    async def take(self, request: web.Request) -> web.Response:
        """One batch."""
        body = await request.read()
        self.raw += body
        batch = ExportTraceServiceRequest.FromString(body)
        for resource in batch.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    notes = {note.key: note.value.string_value or str(note.value.int_value) for note in span.attributes}
                    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                    self.spans.append(Found(span.name, *ids, span.status.code == 2, notes))
        self.arrived.set()
        return web.Response(body=b"", content_type="application/x-protobuf")


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector that listens."""
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    collector.url = f"http://{host}:{port}"
    try:
        yield collector
    finally:
        await runner.cleanup()
