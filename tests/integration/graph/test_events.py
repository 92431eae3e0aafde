"""A stream of server-sent events, byte for byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import orjson
import pytest
from starlette.types import Message

from access.actor import ANONYMOUS, Actor
from alerts import log
from graph.api import build_admission, build_schema
from graph.context import Context
from graph.limits import Limits
from graph.over_sse import stream_events
from graph.request import GraphQLRequest
from graph.running import EVERYTHING, Engine
from models.database import service_connection
from models.state import Role
from services.cursor import alert_cursor
from services.declare import declare
from services.ending import Ending
from services.runtime import Runtime
from tests.both_ways import COMPILED
from tests.integration.made import BREATHLESS, account, household, person, wards

ALERTS = "subscription ($after: String) { a: alerts(after: $after) { change } }"
BEGIN, BEAT, COMPLETE = "retry: 2000", ":", "event: complete\ndata:"


class Stream:
    """What one client was sent."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.headers: dict[str, str] = {}
        self.gone: asyncio.Queue[Message] = asyncio.Queue()
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def send(self, message: Message) -> None:
        """Takes a message of ASGI."""
        if message["type"] == "http.response.start":
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self._parts.put_nowait(message["body"])
        if not message.get("more_body", False):
            self._parts.put_nowait(None)

    async def next(self, *, beats: bool = False) -> str | None:
        """The next block, None after the last; heartbeats only where they are asked for."""
        async with asyncio.timeout(10):
            while (part := await self._parts.get()) is not None:
                block = part.decode()
                if block and (beats or block != f"{BEAT}\n\n"):
                    assert block.endswith("\n\n")
                    return block.removesuffix("\n\n")
        return None


@asynccontextmanager
async def streaming(
    runtime: Runtime, actor: Actor, after: str | None = None, *, resume_after: str | None = None, query: str = ALERTS
) -> AsyncIterator[Stream]:
    """A stream to a client that reads all of it."""
    engine, stream = Engine(build_schema(), Limits(compiled=COMPILED, heartbeat_seconds=0.02)), Stream()
    request = GraphQLRequest(query, {"after": after} if "$after" in query else None)
    context = Context(runtime, request, "test", engine.remembered, actor, "en", resume_after=resume_after)
    seat = await build_admission(runtime, engine.limits).enter(request, staff=True, origin=None)
    serving = asyncio.create_task(stream_events(engine, context, EVERYTHING, seat, stream.gone.get, stream.send))
    try:
        assert await stream.next(beats=True) == BEGIN
        yield stream
    finally:
        stream.gone.put_nowait({"type": "http.disconnect"})
        async with asyncio.timeout(10):
            await serving


async def now() -> str:
    """The cursor of this moment."""
    return alert_cursor(await log.position(service_connection()))


def cursor_of(block: str | None) -> str:
    """The id of an event of an alert."""
    assert block
    event, id, data = block.split("\n")
    assert event == "event: next"
    assert orjson.loads(data.removeprefix("data: ")) == {"data": {"a": {"change": "RAISED"}}}
    return id.removeprefix("id: ")


@pytest.fixture
async def nurse(runtime: Runtime) -> Actor:
    """Somebody of the first ward's station."""
    (ward,) = await wards(1)
    return await account(runtime, Role.STATION_STAFF, ward)


async def raise_alert(runtime: Runtime) -> None:
    """One red alert in the first ward."""
    (ward,) = await wards(1)
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))


async def test_each_event_says_where_to_go_on_whatever_it_was_asked_for(runtime: Runtime, nurse: Actor) -> None:
    begin = await now()
    for _ in range(3):
        await raise_alert(runtime)
    async with streaming(runtime, nurse, begin) as stream:
        cursors = [cursor_of(await stream.next()) for _ in range(3)]
    assert cursors[-1] == await now()
    # As EventSource does: the request of the first time, and the last id.
    async with streaming(runtime, nurse, begin, resume_after=cursors[0]) as stream:
        assert [cursor_of(await stream.next()) for _ in range(2)] == cursors[1:]


async def test_an_id_that_is_no_cursor_ends_the_stream_for_good(runtime: Runtime, nurse: Actor) -> None:
    async with streaming(runtime, nurse, resume_after="nonsense") as stream:
        refused = await stream.next() or ""
        assert ("INVALID_CURSOR" in refused, "id:" in refused) == (True, False)
        assert await stream.next() == COMPLETE
        assert await stream.next() is None


async def test_silence_is_filled_with_comments_and_nothing_on_the_way_may_hold_it_back(
    runtime: Runtime, nurse: Actor
) -> None:
    async with streaming(runtime, nurse) as stream:
        assert [await stream.next(beats=True) for _ in range(3)] == [BEAT] * 3
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["cache-control"] == "no-store, no-transform"
        assert "content-length" not in stream.headers


async def test_a_query_is_one_event_and_the_end(runtime: Runtime, nurse: Actor) -> None:
    async with streaming(runtime, nurse, query="{ __typename }") as stream:
        assert await stream.next() == 'event: next\ndata: {"data":{"__typename":"Query"}}'
        assert await stream.next() == COMPLETE


async def test_a_server_that_ends_breaks_off_with_a_word_so_that_clients_come_back(
    runtime: Runtime, nurse: Actor
) -> None:
    ending = Ending()
    async with streaming(replace(runtime, ending=ending), nurse, await now()) as stream:
        await raise_alert(runtime)
        cursor_of(await stream.next())
        await ending.end_streams(0)
        assert "UNAVAILABLE" in (await stream.next() or "")
        assert await stream.next() is None
