"""GraphQL over server-sent events, in the distinct connections mode of graphql-sse: one request, one stream."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable

import orjson
from starlette.types import Receive, Send
from strawberry.types.graphql import OperationType

from alerts.shared_event import SharedEvent
from graph.admission_seat import Seat
from graph.context import Context
from graph.errors import api_error, from_exception
from graph.overloaded import Overloaded
from graph.running import Answer, Engine
from services.ending import Ending

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    # nginx holds small events back otherwise.
    (b"x-accel-buffering", b"no"),
    (b"vary", b"Accept, Accept-Language, Authorization"),
    (b"x-content-type-options", b"nosniff"),
]
# At once, so that every proxy passes the head on; and how long a browser waits before it comes back by itself.
_BEGIN = b"retry: 2000\n\n"
# Browsers drop an event without data.
_COMPLETE = b"event: complete\ndata:\n\n"
_HEARTBEAT = b":\n\n"
_COME_BACK = frozenset({"UNAVAILABLE", "SLOW_SUBSCRIBER"})
"""Ends after which a client is to subscribe again, as after the codes that close a socket for the same reason.

Without `complete`, which clients take for the end of all: a stream that breaks off is what they come back after.
"""
_LAST_WORD_SECONDS = 1.0
_LOOK_SECONDS = 0.1


async def stream_events(
    engine: Engine, context: Context, allowed: Iterable[OperationType], seat: Seat, receive: Receive, send: Send
) -> None:
    """Sends each answer as an event, comments in between so that no proxy takes the silence for death."""
    headers = [*_HEADERS, (b"x-request-id", context.request_id.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BEGIN, "more_body": True})
    sending = asyncio.create_task(_send_all(engine, context, allowed, seat, send))
    gone = asyncio.create_task(_disconnected(receive))
    ending = asyncio.create_task(_ends(context.runtime.ending, context))
    try:
        with context.runtime.ending.stream():
            await asyncio.wait((sending, gone, ending), return_when=asyncio.FIRST_COMPLETED)
            if ending.done() and not sending.done() and not gone.done():
                await _end(sending)
                await _say_come_back(context, send)
    finally:
        for task in (sending, gone, ending):
            await _end(task)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _ends(ending: Ending, context: Context) -> None:
    await ending.comes()
    # What is no subscription is short and ends by itself; what has not said yet which it is may become one.
    while not context.lasts:  # noqa: ASYNC110 - asked for once in a process's life, not worth an event in each operation
        await asyncio.sleep(_LOOK_SECONDS)


async def _say_come_back(context: Context, send: Send) -> None:
    error = api_error("UNAVAILABLE", context.language)
    last = _event(orjson.dumps(Answer(None, (error,), executed=False, ends=True).payload(), default=str), None)
    # A client that reads nothing is not waited for.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORD_SECONDS):
            await send({"type": "http.response.body", "body": last, "more_body": False})


async def _send_all(engine: Engine, context: Context, allowed: Iterable[OperationType], seat: Seat, send: Send) -> None:
    lock = asyncio.Lock()
    last = _COMPLETE
    context.sink = _Sink(send, lock)
    heartbeat = asyncio.create_task(_beat(engine.limits.heartbeat_seconds, send, lock))
    try:
        async with contextlib.aclosing(_answers(engine, context, allowed, seat)) as answers:
            async for answer in answers:
                event = _event(orjson.dumps(answer.payload(), default=str), None if answer.ends else context.cursor)
                async with lock:
                    await send({"type": "http.response.body", "body": event, "more_body": True})
                context.handed_over()
                if any(error.code in _COME_BACK for error in answer.errors if answer.ends):
                    last = b""
    finally:
        heartbeat.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heartbeat
    await send({"type": "http.response.body", "body": last, "more_body": False})


async def _answers(
    engine: Engine, context: Context, allowed: Iterable[OperationType], seat: Seat
) -> AsyncGenerator[Answer, None]:
    """Those of the operation; of a query that was given up, when to come back."""
    try:
        async with contextlib.aclosing(seat.each(engine.stream(context, allowed))) as answers:
            async for answer in answers:
                yield answer
    except Overloaded as given_up:
        error = from_exception(given_up, context.language, context.request_id)
        context.runtime.meters.refused(error.code)
        yield Answer(None, (error,), executed=False, ends=True)


class _Sink:
    """Takes what was made ready for many; a stream has no way past its server, which cuts and counts what it sends."""

    def __init__(self, send: Send, lock: asyncio.Lock) -> None:
        self._send, self._lock = send, lock

    def now(self, event: SharedEvent) -> bool:
        """Never."""
        return False

    async def send(self, event: SharedEvent) -> None:
        """Sends the event that all streams get."""
        made = event.form("", lambda body: _event(body, event.cursor))
        async with self._lock:
            await self._send({"type": "http.response.body", "body": made, "more_body": True})


def _event(body: bytes, cursor: str | None) -> bytes:
    id = b"id: " + cursor.encode() + b"\n" if cursor else b""
    return b"event: next\n" + id + b"data: " + body + b"\n\n"


async def _beat(seconds: float, send: Send, lock: asyncio.Lock) -> None:
    while True:
        await asyncio.sleep(seconds)
        async with lock:
            await send({"type": "http.response.body", "body": _HEARTBEAT, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
