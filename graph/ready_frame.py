"""Events made once for many, on their way into one socket."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from alerts.shared_event import SharedEvent

READY_FRAME = "khaibao.ready_frame"
"""The extension of the scope by which the server takes whole frames."""

Write = Callable[[bytes], bool]


def writer_of(scope: Mapping[str, Any]) -> Write | None:
    """What takes whole frames; None where the server has no such thing."""
    found = (scope.get("extensions") or {}).get(READY_FRAME)
    return found["write"] if found else None


def message_of(id: str, body: bytes) -> bytes:
    """The message that gives an answer to the operation of an id."""
    return b'{"id":' + orjson.dumps(id) + b',"type":"next","payload":' + body + b"}"


def frame_of(text: bytes) -> bytes:
    """The one frame of a text message, as RFC 6455 has it from a server: unmasked."""
    size = len(text)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + text
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + text
    return b"\x81\x7f" + size.to_bytes(8, "big") + text


class SocketSink:
    """One operation of a socket."""

    def __init__(self, id: str, write: Write | None, send: Callable[[bytes], Awaitable[None]]) -> None:
        """`write` takes whole frames, where the server does; `send` takes messages as soon as the client does."""
        self._id, self._write, self._send = id, write, send

    def now(self, event: SharedEvent) -> bool:
        """Writes the frame that all who use this id get, unless the client is behind."""
        return self._write is not None and self._write(event.form(self._id, self._frame))

    def close(self) -> None:
        """Writes no more frames: the operation is over."""
        self._write = None

    async def send(self, event: SharedEvent) -> None:
        """Sends it as every other message."""
        await self._send(message_of(self._id, event.body))

    def _frame(self, body: bytes) -> bytes:
        return frame_of(message_of(self._id, body))
