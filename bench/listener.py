"""One listener on a socket of its own, as cheap as it can be: thousands share the machine with what they measure.

It speaks graphql-transport-ws over RFC 6455 and notes when each event has come; what stands in it nobody reads.
`connect` does all that a screen does; `open`, `say_who` and `subscribe` are its steps, for who measures each alone.
"""

import asyncio
import base64
import os
import re
import time
from datetime import datetime
from typing import cast

import orjson

from simulation.keep_alive import Endpoint
from simulation.made_up_address import made_up_address

_AT = re.compile(rb'"at": ?"([^"]+)"')
# More patient than it is told: thousands come at once here, in no more than a few at a time.
_PAUSE = 3.0
_TRIES = 30
_COME_BACK = ("OVERLOADED", "HTTP/1.1 503")
"""How a server says it: on a socket, and instead of one."""
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
# A mask of zeros is a mask, and changes nothing.
_MASK = b"\0\0\0\0"


class Listener(asyncio.Protocol):
    """Connects, signs in, subscribes; `arrived` are the moments of its events on the monotonic clock.

    Without a document it connects to a socket and says nothing.

    `since_written` are the seconds between what an event says of its own moment and its coming, for a server whose
    clock is `behind` by so many seconds.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        number: int,
        document: str,
        token: str | None,
        variables: dict[str, str] | None = None,
        behind: float = 0.0,
    ) -> None:
        self._endpoint, self._number, self._variables, self._behind = endpoint, number, variables or {}, behind
        self._authorization = {"authorization": f"Bearer {token}"} if token else {}
        self._document = document
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._upgraded = False
        self.arrived: list[float] = []
        self.since_written: list[float] = []
        self.closed: str | None = None
        self.told_to_come_back = 0
        # What it waits for: that its socket is open, that it is known, or the answer to its ping.
        self._reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self) -> None:
        """Returns when it is subscribed; comes back where it is told to. Raises OSError or ConnectionError."""
        for _ in range(_TRIES):
            try:
                return await self._connected()
            except ConnectionError as error:
                if not any(word in str(error) for word in _COME_BACK):
                    raise
                self.close()
                self.told_to_come_back += 1
                # As a client does that was told to come back.
                await asyncio.sleep(_PAUSE)
        raise ConnectionError(f"told to come back {_TRIES} times")

    async def _connected(self) -> None:
        await self.open()
        if self._document:
            await self.say_who()
            await self.subscribe()

    async def open(self) -> None:
        """Returns when there is a socket. Raises OSError or ConnectionError, as each of the steps does."""
        self._reached = asyncio.get_running_loop().create_future()
        self._upgraded, self._buffer, self.closed = False, b"", None
        await asyncio.get_running_loop().create_connection(lambda: self, self._endpoint.host, self._endpoint.port)
        await self._wait()

    async def say_who(self) -> None:
        """Returns when the server knows who it is."""
        self._say({"type": "connection_init", "payload": self._authorization})
        await self._wait()

    async def subscribe(self, id: str = "1") -> None:
        """Returns when the server has taken the subscription up."""
        self._subscribe(id)
        await self.ping()

    async def ping(self) -> None:
        """Returns when the server has answered: what asks for a sign of life is answered in its order."""
        self._say({"type": "ping"})
        await self._wait()

    async def _wait(self) -> None:
        if self.closed is not None:
            raise ConnectionError(self.closed)
        await asyncio.wait_for(self._reached, 60)
        self._reached = asyncio.get_running_loop().create_future()

    def _reach(self) -> None:
        if not self._reached.done():
            self._reached.set_result(None)

    def close(self) -> None:
        """Ends it without a word."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for a socket."""
        # uvloop's transports are of asyncio's kind, and not of its class.
        self._transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET {self._endpoint.path} HTTP/1.1\r\nHost: {self._endpoint.host}:{self._endpoint.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
            f"X-Forwarded-For: {made_up_address(f'listener {self._number}')}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Takes whole frames from what has come."""
        now = time.monotonic()
        self._buffer += data
        if not self._upgraded:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._fail(head[:200].decode("latin-1"))
                return
            self._upgraded, self._buffer = True, rest
            self._reach()
        while (frame := self._frame()) is not None:
            self._take(*frame, now)

    def connection_lost(self, exc: Exception | None) -> None:
        """Notes it; whoever measures finds events missing."""
        self._fail(str(exc or "the server closed the connection"))

    def _take(self, kind: int, content: bytes, now: float) -> None:
        if kind == _PING:
            self._send(_PONG, content)
        elif kind == _CLOSE:
            self._fail(content[2:].decode("utf-8", "replace") or "closed")
        elif kind == _TEXT:
            # Its kind can be told without reading it: only an event begins so, or has data.
            if b'"next"' in content[:64] or b'"data":' in content:
                self.arrived.append(now)
                self._note(content)
            else:
                self._answer(orjson.loads(content))

    def _note(self, content: bytes) -> None:
        if found := _AT.search(content):
            at = datetime.fromisoformat(found[1].decode()).timestamp()
            self.since_written.append(time.time() - at - self._behind)

    def _answer(self, message: dict[str, object]) -> None:
        match message["type"]:
            case "connection_ack" | "pong":
                self._reach()
            case "ping":
                self._say({"type": "pong"})
            case "error" if "OVERLOADED" in str(message):
                self.told_to_come_back += 1
                # Told so after it was taken up: as a client does, it asks again on the same socket.
                asyncio.get_running_loop().call_later(_PAUSE, self._subscribe, str(message["id"]))
            case "error" | "complete":
                self._fail(str(message))

    def _subscribe(self, id: str) -> None:
        payload = {"query": self._document, "variables": self._variables}
        self._say({"id": id, "type": "subscribe", "payload": payload})

    def _fail(self, why: str) -> None:
        self.closed = self.closed or why
        if not self._reached.done():
            self._reached.set_exception(ConnectionError(why))
            # Where nobody waits for it now, whoever does next is told by `closed`.
            self._reached.exception()

    def _say(self, message: dict[str, object]) -> None:
        self._send(_TEXT, orjson.dumps(message))

    def _send(self, kind: int, content: bytes) -> None:
        size = len(content)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        if self._transport is not None:
            self._transport.write(bytes([0x80 | kind]) + length + _MASK + content)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, begin = buffer[1] & 0x7F, 2
        if size > 125:
            begin = 4 if size == 126 else 10
            if len(buffer) < begin:
                return None
            size = int.from_bytes(buffer[2:begin], "big")
        if len(buffer) < begin + size:
            return None
        self._buffer = buffer[begin + size :]
        return buffer[0] & 0x0F, buffer[begin : begin + size]
