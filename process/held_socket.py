"""WebSockets as uvicorn speaks them, with bounds for what never becomes a message and a last word that arrives."""

from asyncio import TimerHandle
from typing import Any, cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Protocol

from process.gate import Gate
from process.held_http import refusal
from process.inbox import Inbox

MOST_FRAMES = 1_000
"""Pieces of one message. Its bytes are bounded elsewhere, and a million pieces of nothing are no bytes."""
LAST_SECONDS = 5.0
"""For how long what a client still sends is read and thrown away when it has been told why it is closed."""
UNREAD_SECONDS = 10.0
"""How long a client that was closed because it read nothing may still read why."""
NOT_UTF8, TOO_BIG, TRY_AGAIN = 1007, 1009, 1013
READY_FRAME = "khaibao.ready_frame"
"""The extension of the scope through which a socket takes frames that are made once for many."""


class HeldSocket(WebSocketsSansIOProtocol):
    """One socket."""

    # What uvicorn's own sets, and two of ours: in a dictionary so many take a kilobyte and a half.
    __slots__ = (
        *("_failed", "_last_timer", "app", "app_state", "asgi_version", "client", "close_sent", "close_timeout"),
        *("close_timer", "config", "conn", "connections", "curr_msg_data_type", "default_headers", "disconnected"),
        *("frames", "handshake_complete", "handshake_initiated", "initial_response", "last_ping_rtt", "logger", "loop"),
        *("pending_ping_payload", "ping_interval", "ping_sent_at", "ping_timeout", "ping_timer", "pong_timer", "queue"),
        *("read_paused", "request", "response", "root_path", "scheme", "scope", "server", "tasks", "transport"),
        "writable",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Made as uvicorn makes its own; what it waits with is lighter."""
        super().__init__(*args, **kwargs)
        self.queue = cast("Any", Inbox())
        self.writable = cast("Any", Gate())
        self._failed = False
        self._last_timer: TimerHandle | None = None

    def begin(self, request: Request) -> None:
        """Begins with a handshake that was read already, as if it had come here; frames follow."""
        # As its own reader goes on to when it has read one.
        self.conn.parser = Protocol.parse(self.conn)
        next(self.conn.parser)
        self.handle_connect(request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        if self._last_timer is not None:
            self._last_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes bytes, until there is nothing more to be said."""
        if not self._failed:
            super().data_received(data)
            if not self.handshake_initiated and self.conn.handshake_exc is not None:
                self._refuse_handshake()

    def _refuse_handshake(self) -> None:
        """Says so and closes: uvicorn does not look whether a handshake could be read, and would keep it for ever."""
        self._failed = True
        # Of a line that is too long websockets has an answer, of the rest none.
        said = b"".join(self.conn.data_to_send())
        self.transport.write(said or refusal(400, "The handshake of the socket cannot be read."))
        self.transport.close()

    def handle_cont(self, event: Frame) -> None:
        """Takes a further piece of a message."""
        if len(self.frames) < MOST_FRAMES:
            super().handle_cont(event)
        elif not self._failed:
            self.conn.fail(TOO_BIG, "TOO_LARGE")
            self.handle_parser_exception()

    def send_receive_event_to_app(self) -> None:
        """Hands a message on. What is no UTF-8 is looked for here: uvicorn would log it as an error of ours."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.fail(NOT_UTF8)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answers, unless the client does not read: who only ever asks would fill the memory with answers."""
        answers = self.conn.data_to_send()
        # What came in one piece with the end is looked at after it, and nothing can be written any more.
        if self.writable.is_set() and not self._failed:
            self.transport.write(b"".join(answers))

    def handle_parser_exception(self) -> None:
        """Says why, and reads on for a moment: closed at once, with bytes unread, the reason would be thrown away."""
        said = self.conn.close_sent
        self._fail(said.code if said else 1002, said.reason if said else "")

    def keepalive_timeout(self) -> None:
        """Closes where no pong has come, with a code to come back after: whoever wakes up again is to do so.

        uvicorn says 1011, upon which clients give up for good.
        """
        self.pong_timer = None
        self.pending_ping_payload = None
        if not self.close_sent and not self.transport.is_closing():
            self.conn.fail(TRY_AGAIN, "NOT_HEARD")
            self._fail(TRY_AGAIN, "NOT_HEARD")

    def _fail(self, code: int, reason: str) -> None:
        self._failed = self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.transport.can_write_eof():
            # Who hears the end closes at once. TLS has no half an end: there it is a timer, the client's or ours.
            self.transport.write_eof()
        # In uvicorn's place for it: without, it closes as soon as the application has ended, with bytes unread.
        self.close_timer = self.loop.call_later(LAST_SECONDS, self.transport.abort)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def handle_connect(self, event: Request) -> None:
        """Begins, and tells the application how to hand over frames that were made once for many."""
        super().handle_connect(event)
        # Everything of it stands in the scope, and the request is kept for as long as the socket.
        event.headers.clear()
        if self.handshake_initiated and not self.handshake_complete:
            # Before the application's first step, which the loop takes later.
            extensions = cast("dict[str, dict[str, Any]]", self.scope["extensions"])
            extensions[READY_FRAME] = {"write": self.write_frame}

    def write_frame(self, frame: bytes) -> bool:
        """Writes a whole frame past the protocol's machine; False where it cannot go out at once.

        Without compression each frame stands for itself, so the machine has nothing to know of it.
        """
        if not self.writable.is_set() or self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    async def send(self, message: ASGISendEvent) -> None:
        """Sends what the application says. Raises ClientDisconnected where there is nobody to say it to any more."""
        if message["type"] == "websocket.close" and not self.writable.is_set():
            # One frame more, for a client that reads nothing: should it ever read again, it reads why.
            self.writable.set()
            self._last_timer = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)
        await self.writable.wait()
        if self._failed:
            # uvicorn would take it for a fault of the application, and log one for each client that misbehaves.
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.response.headers.clear()
        elif message["type"] == "websocket.http.response.body":
            # uvicorn forgets to, and logs each refused handshake as a fault of the application.
            self.handshake_complete = not message.get("more_body", False)
