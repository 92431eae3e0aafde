"""An answer in one piece is byte for byte what uvicorn would have sent in several."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from process.whole_answer import whole

LOG = logging.getLogger("uvicorn.error")
DATE = [(b"date", b"Fri, 18 Mar 2022 03:00:00 GMT")]
LENGTH = (b"content-length", b"5")


class Written:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        """Open, and with nothing written."""
        self.pieces: list[bytes] = []
        self.closed = False

    def write(self, piece: bytes) -> None:
        """Keeps it."""
        self.pieces.append(piece)

    def close(self) -> None:
        """Closes it."""
        self.closed = True

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self.closed

    def pause_reading(self) -> None:
        """Nothing is read."""

    def resume_reading(self) -> None:
        """Nothing is read."""


def start(status: int, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    """The first message of an answer."""
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(text: bytes, *, more: bool = False) -> dict[str, Any]:
    """A piece of its body."""
    return {"type": "http.response.body", "body": text, "more_body": more}


async def sent(
    messages: Sequence[dict[str, Any]], *, method: str = "POST", keep_alive: bool = True, ours: bool
) -> tuple[Written, RequestResponseCycle, int]:
    """What goes out of these messages, in our way or in uvicorn's, and how often the end was told."""
    transport, ends = Written(), []
    cycle = RequestResponseCycle(
        scope={"type": "http", "method": method},  # type: ignore[typeddict-item]  # no more of it is read
        transport=transport,  # type: ignore[arg-type]  # no more of it is called
        flow=FlowControl(transport),  # type: ignore[arg-type]  # the same
        logger=LOG,
        access_logger=LOG,
        access_log=False,
        default_headers=DATE,
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: ends.append(1),
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    asgi: Any = cycle
    if ours:
        await whole(cycle, app, asgi.scope, asgi.receive, asgi.send)
    else:
        await app(asgi.scope, asgi.receive, asgi.send)
    return transport, cycle, len(ends)


ANSWERS = [
    [start(200, LENGTH, (b"content-type", b"application/json")), body(b"12345")],
    [start(503, LENGTH, (b"Retry-After", b"3"), (b"x-request-id", b"abc")), body(b"12345")],
    [start(200, LENGTH), body(b"12", more=True), body(b"345")],
    [start(200, LENGTH, (b"connection", b"close")), body(b"12345")],
    [start(200), body(b"12345")],
    [start(200, (b"transfer-encoding", b"chunked")), body(b"12345", more=True), body(b"")],
    [start(204), body(b"")],
    [start(200, (b"content-length", b"0")), body(b"")],
]


@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("messages", ANSWERS)
async def test_every_answer_is_what_uvicorn_sends(
    messages: list[dict[str, Any]], method: str, keep_alive: bool
) -> None:
    here, cycle, ends = await sent(messages, method=method, keep_alive=keep_alive, ours=True)
    there, other, other_ends = await sent(messages, method=method, keep_alive=keep_alive, ours=False)
    assert b"".join(here.pieces) == b"".join(there.pieces)
    assert (here.closed, ends) == (there.closed, other_ends)
    for state in ("response_started", "response_complete", "keep_alive", "disconnected"):
        assert getattr(cycle, state) == getattr(other, state)
    assert cycle.message_event.is_set() == other.message_event.is_set()


async def test_what_is_whole_is_written_once() -> None:
    there, *_ = await sent(ANSWERS[0], ours=True)
    assert len(there.pieces) == 1


async def test_the_head_of_a_stream_does_not_wait_for_its_first_event() -> None:
    there, cycle, _ = await sent([start(200, (b"content-type", b"text/event-stream"))], ours=True)
    assert len(there.pieces) == 1
    assert cycle.response_started


async def test_an_application_that_breaks_after_its_head_can_still_be_answered_for() -> None:
    there, cycle, _ = await sent([start(200, LENGTH)], ours=True)
    assert there.pieces == []
    assert not cycle.response_started


@pytest.mark.parametrize("wrong", [(b"x-request-id", b"a\r\nset-cookie: b"), (b"x-\nname", b"a"), (b"x-name", b"\0")])
async def test_a_header_with_a_line_break_is_never_sent(wrong: tuple[bytes, bytes]) -> None:
    with pytest.raises(RuntimeError, match="header"):
        await sent([start(200, LENGTH, wrong), body(b"12345")], ours=True)


async def test_nothing_is_sent_to_whoever_has_gone() -> None:
    transport, cycle, ends = await sent([], ours=True)
    cycle.disconnected = True

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in ANSWERS[0]:
            await send(message)

    asgi: Any = cycle
    await whole(cycle, app, asgi.scope, asgi.receive, asgi.send)
    assert (transport.pieces, ends) == ([], 0)
