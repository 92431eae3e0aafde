"""What is said to the client of a socket: one message after another, each in bounded time."""

import asyncio
from typing import Any

import orjson
from starlette.types import Send

from graph.ready_frame import Write, frame_of
from graph.socket_protocol import TRY_AGAIN, Closing
from telemetry.meters import Meters


class Voice:
    """One socket's. A client that does not read is closed, and may come back."""

    __slots__ = ("_meters", "_seconds", "_send", "_write")

    def __init__(self, send: Send, seconds: float, meters: Meters, write: Write | None = None) -> None:
        """`seconds` is how long a client may take no message; `write` takes whole frames, where the server does."""
        self._send, self._seconds, self._meters, self._write = send, seconds, meters, write

    async def put(self, message: dict[str, Any]) -> None:
        """Says a message. Raises Closing where the client is too slow, OSError where there is none any more."""
        await self.put_text(orjson.dumps(message, default=str))

    async def put_text(self, text: bytes) -> None:
        """The same, of a message that is ready."""
        # Nearly always it can go out at once: then there is nothing to wait for, and no time to be kept.
        if self._write is not None and self._write(frame_of(text)):
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._send({"type": "websocket.send", "text": text.decode()})
        except TimeoutError as error:
            self._meters.slow("socket")
            raise Closing(TRY_AGAIN, "SLOW_SUBSCRIBER") from error
