"""An answer in one piece: head and body go to the kernel together where the whole of it is there at once.

uvicorn writes the head as soon as it is told: two calls of the system, two packets, two readings by whoever waits.
"""

from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

BODY_IS_HERE = "khaibao.body_is_here"
"""In the scope: whether the request's body has come to its end, so that nobody has to wait for it."""

_KEPT = 256
_BODILESS = frozenset({204, 304})
_OF_THE_CONNECTION = frozenset({b"transfer-encoding", b"connection"})
_OWN = frozenset({b"content-length", b"x-request-id", b"date"})
"""What is another with each answer: nothing to keep."""


class WholeAnswer:
    """Stands between the application and one of uvicorn's cycles."""

    __slots__ = ("_cycle", "_head")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        """For one request."""
        self._cycle = cycle
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """What the application calls. A head of known length waits for its body; all else goes on as it comes."""
        head, self._head = self._head, None
        if head is None:
            if self._waits(message):
                self._head = message
                return
        elif (lines := self._whole(head, message)) is not None:
            await self._write(lines)
            return
        else:
            await self._cycle.send(head)  # type: ignore[arg-type]  # uvicorn has types of its own for what ASGI says
        await self._cycle.send(message)  # type: ignore[arg-type]  # the same

    def _waits(self, message: Message) -> bool:
        return (
            message["type"] == "http.response.start"
            and not self._cycle.response_started
            and message["status"] not in _BODILESS
            and self._cycle.scope["method"] != "HEAD"
            and any(name == b"content-length" for name, _ in message.get("headers", ()))
        )

    def _whole(self, head: Message, message: Message) -> list[bytes] | None:
        """The answer line by line; None where it is not all there, or says itself what becomes of the connection."""
        if message["type"] != "http.response.body" or message.get("more_body", False):
            return None
        cycle, body = self._cycle, message.get("body", b"")
        lines, said = [STATUS_LINE[head["status"]]], []
        for name, value in (*cycle.default_headers, *head["headers"]):
            if name in _OWN:
                lines.append(_checked(name, value))
                if name == b"content-length":
                    said.append(value)
            elif name in _OF_THE_CONNECTION:
                return None
            else:
                lines.append(_line(name, value))
        if said != [b"%d" % len(body)]:
            return None
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        lines += (b"\r\n", body)
        return lines

    async def _write(self, lines: list[bytes]) -> None:
        cycle = self._cycle
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join(lines))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


async def whole(cycle: RequestResponseCycle, app: ASGIApp, scope: Scope, receive: Receive, _: Send) -> None:
    """The application, told to send to a WholeAnswer, and whether the request's body is all here."""
    scope[BODY_IS_HERE] = not cycle.more_body
    await app(scope, receive, WholeAnswer(cycle).send)


def _checked(name: bytes, value: bytes) -> bytes:
    # A line break in a value would let whoever wrote it send an answer of their own.
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError("a header that nobody may send")
    return b"%b: %b\r\n" % (name.lower(), value)


_line = lru_cache(_KEPT)(_checked)
