"""HTTP/1.1 as uvicorn speaks it, with bounds for the head of a request, for silence and for who does not read."""

import asyncio
import socket
from asyncio.events import TimerHandle
from functools import partial
from itertools import chain
from typing import Any, ClassVar

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from process.whole_answer import whole

_ONCE = frozenset({b"host", b"authorization", b"content-type", b"content-encoding", b"origin"})
"""What says one thing: of two lines a proxy may have believed the other."""


class _UnfitHead(Exception):
    """A head that is refused as soon as it is whole."""


class HeldHttp(HttpToolsProtocol):
    """One connection. uvicorn alone waits for ever for the end of a head, and takes one of any size."""

    head_seconds: ClassVar[float] = 15.0
    """How long the head of a request may take, from its connection or from what came after the answer before it."""
    head_bytes: ClassVar[int] = 32 * 1024
    most_headers: ClassVar[int] = 100
    most_waiting: ClassVar[int] = 2_000
    """Connections of a process that may be without a whole head at once; beyond it the one that waits longest goes."""
    unread_seconds: ClassVar[float] = 30.0
    """How long a client may take nothing of an answer that fills its buffers, and its machine acknowledge nothing."""

    _waiting: ClassVar[dict["HeldHttp", None]] = {}
    # The connections without a whole head, the longest first: of the whole process, as its file descriptors are.

    _head_timer: TimerHandle | None = None
    _unread_timer: TimerHandle | None = None
    _in_head = True
    _head = 0
    # Bytes of it so far.
    _refused_with = 400

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begins to wait for a head."""
        super().connection_made(transport)
        _drop_the_dead(transport, self.unread_seconds)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._wait_no_more()
        self._read_again()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what has come, as long as it is no endless head."""
        if self._head_timer is None and not self._answering():
            # Also what trickles in of a body after its answer: it must not hold the connection either.
            self._wait()
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > self.head_bytes:
            self._refuse(431)

    def on_headers_complete(self) -> None:
        """The head is whole. Raises _UnfitHead, which the parser hands on as a fault of the request."""
        if len(self.headers) > self.most_headers or len(self.url) + _size(self.headers) > self.head_bytes:
            self._refused_with = 431
            raise _UnfitHead
        if self._is_ambiguous():
            raise _UnfitHead
        if self.parser.should_upgrade() and self._should_upgrade() and self._is_unfit_for_a_socket():
            raise _UnfitHead
        self._wait_no_more()
        self._in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole; what comes now is the head of the next."""
        self._in_head = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client does not read as fast as we write."""
        super().pause_writing()
        if self._unread_timer is None:
            self._unread_timer = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        self._read_again()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What is no request is refused in the form of every refusal."""
        self._refuse(self._refused_with, msg)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, partial(whole, cycle, app))

    def _is_ambiguous(self) -> bool:
        names = {name for name, _ in self.headers}
        if b"host" not in names and self.parser.get_http_version() == "1.1":
            # RFC 9112, 3.2: without a Host, or with two, it is 400. Earlier versions had none.
            return True
        if len(names) == len(self.headers) and b"transfer-encoding" not in names:
            return False
        said = [name for name, _ in self.headers]
        # A coding that we do not undo, and a proxy may have.
        coded = any(name == b"transfer-encoding" and value.lower() != b"chunked" for name, value in self.headers)
        return coded or any(said.count(name) > 1 for name in _ONCE)

    def _is_unfit_for_a_socket(self) -> bool:
        # A handshake has no body, and nobody would wait for one with a clock; and a socket that is opened behind a
        # request writes into what that is answered.
        return self._answering() or any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self.headers
        )

    def _answering(self) -> bool:
        cycle = getattr(self, "cycle", None)
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._late)
        self._waiting[self] = None
        if len(self._waiting) > self.most_waiting:
            # Whoever means it has sent a head within milliseconds.
            next(iter(self._waiting))._late()

    def _wait_no_more(self) -> None:
        self._waiting.pop(self, None)
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _read_again(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _late(self) -> None:
        if self._head:
            self._refuse(408)
        else:
            self._wait_no_more()
            self.transport.close()

    def _refuse(self, status: int, otherwise: str = "") -> None:
        self._wait_no_more()
        if self.transport.is_closing():
            return
        if self._answering():
            if self.cycle.response_started or not self.cycle.more_body:
                # It is the request behind it that is wrong: in front of that answer ours would be taken for it.
                self.transport.abort()
                return
            # Its own body is no body. What has been begun for it hears that nobody waits any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        said = {408: "The request did not arrive in time.", 431: "The head of the request is too large."}
        self.transport.write(refusal(status, said.get(status, otherwise)))
        self.transport.close()


def refusal(status: int, message: str) -> bytes:
    """The whole answer to what is no request, in the form of every refusal; the connection is then closed."""
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]})
    head = f"content-type: application/json; charset=utf-8\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return STATUS_LINE[status] + head.encode() + body


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(map(len, chain.from_iterable(headers)))


def _drop_the_dead(transport: asyncio.Transport, seconds: float) -> None:
    """Lets the kernel give up a client that acknowledges nothing; closing alone would wait a quarter of an hour."""
    opened = transport.get_extra_info("socket")
    if (
        opened is not None
        and opened.family in (socket.AF_INET, socket.AF_INET6)
        and hasattr(socket, "TCP_USER_TIMEOUT")
    ):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
