"""A crowd of sockets that does next to nothing: it opens, subscribes, and notes when each event has come to the last.

A process of its own (`python -m bench.watching`), so that what it costs is not what is measured. It reads one command a
line (JSON), and answers each with one line.
"""

import asyncio
import base64
import os
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

_AT_ONCE = 30
_PAUSE = 0.5
_PONG, _PING, _CLOSE = 0x8A, 0x9, 0x8


@dataclass(slots=True)
class Heard:
    """How many sockets have had their first, second, ... event, and when the last one had it."""

    counts: list[int] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    closed: int = 0
    refused: list[str] = field(default_factory=list)

    def event(self, number: int) -> None:
        """One more socket has had this event."""
        while len(self.counts) <= number:
            self.counts.append(0)
            self.last.append(0.0)
        self.counts[number] += 1
        self.last[number] = time.time()


class _Socket(asyncio.Protocol):
    """One client of graphql-transport-ws, as little of it as will do."""

    def __init__(self, heard: Heard, hello: bytes, first: list[bytes]) -> None:
        self._heard, self._hello, self._first = heard, hello, first
        self._buffer = b""
        self._open = False
        self._events = 0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard.closed += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed before it was open"))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._open:
            head, found, buffer = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            self._open = True
            if not self._first:
                self.ready.set_result(None)
            for message in self._first:
                self._write(_masked(0x81, message))
        while len(buffer) >= 2:
            size, begin = buffer[1] & 127, 2
            if size == 126:
                size, begin = int.from_bytes(buffer[2:4], "big"), 4
            elif size == 127:
                size, begin = int.from_bytes(buffer[2:10], "big"), 10
            if len(buffer) < begin + size:
                break
            self._take(buffer[0] & 15, buffer[begin : begin + size])
            buffer = buffer[begin + size :]
        self._buffer = buffer

    def _take(self, kind: int, text: bytes) -> None:
        if kind == _PING:
            self._write(_masked(_PONG, text))
        elif kind == _CLOSE:
            self._heard.refused.append(f"closed: {text!r}")
        elif b'"type":"next"' in text[:60]:
            self._heard.event(self._events)
            self._events += 1
        elif b'"connection_ack"' in text:
            if not self.ready.done():
                self.ready.set_result(None)
        elif b'"type":"ping"' in text:
            self._write(_masked(0x81, b'{"type":"pong"}'))
        else:
            self._heard.refused.append(text[:200].decode(errors="replace"))

    def _write(self, data: bytes) -> None:
        self.transport.write(data)  # type: ignore[attr-defined]  # a stream's transport, as the loop made it


def _masked(first: int, text: bytes) -> bytes:
    """A client's frame. Its mask is of noughts: it must be there, and what it hides is nobody's secret here."""
    size = len(text)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + struct.pack("!H", size)
    return bytes([first]) + length + b"\0\0\0\0" + text


class Crowd:
    """The sockets."""

    def __init__(self) -> None:
        self._heard = Heard()
        self._sockets: list[_Socket] = []

    async def open(self, command: dict[str, Any]) -> dict[str, Any]:
        """Opens a socket for each of `tokens`; with a `document` each subscribes to it `after` a cursor."""
        self._heard = Heard()
        waiting = list(enumerate(command["tokens"]))
        begun = time.perf_counter()

        async def one_after_another() -> None:
            while waiting:
                number, token = waiting.pop()
                try:
                    self._sockets.append(await self._one(command, number, token))
                except ConnectionError:
                    # Told to come back, as a machine with other work may say: like every client it does.
                    waiting.append((number, token))
                    await asyncio.sleep(_PAUSE)

        await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))
        return {"opened": len(self._sockets), "seconds": time.perf_counter() - begun}

    async def _one(self, command: dict[str, Any], number: int, token: str) -> _Socket:
        key = base64.b64encode(os.urandom(16)).decode()
        host, port = command["host"], command["port"]
        # Of a network for trying out machines, so that no address has more than its share.
        address = f"198.18.{number // 250 % 250}.{number % 250 + 1}"
        hello = (
            f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nX-Forwarded-For: {address}\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        messages: list[dict[str, Any]] = []
        if document := command.get("document"):
            messages = [
                {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}},
                {
                    "type": "subscribe",
                    "id": "1",
                    "payload": {"query": document, "variables": {"after": command.get("after")}},
                },
            ]
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(
            lambda: _Socket(self._heard, hello.encode(), [orjson.dumps(one) for one in messages]), host, port
        )
        async with asyncio.timeout(60):
            await socket.ready
        return socket

    async def hear(self, command: dict[str, Any]) -> dict[str, Any]:
        """Waits until so many sockets have had so many `events`, and says when the last of them had each."""
        wanted, heard = command["events"], self._heard
        if heard.refused:
            return {"failed": heard.refused[0]}
        async with asyncio.timeout(command.get("patience", 240)):
            # Looked at instead of signalled: a signal of each of five thousand would be in what is measured.
            while True:
                if len(heard.counts) >= wanted and heard.counts[wanted - 1] >= len(self._sockets):
                    break
                await asyncio.sleep(0.005)
        return {"last": heard.last[:wanted], "counts": heard.counts[:wanted], "closed": heard.closed}

    async def close(self, command: dict[str, Any]) -> dict[str, Any]:
        """Tears all of them."""
        for socket in self._sockets:
            socket.transport.abort()  # type: ignore[attr-defined]  # a stream's transport, as the loop made it
        self._sockets.clear()
        return {}


async def main() -> None:
    """Does what it is told until its input ends."""
    crowd = Crowd()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = orjson.loads(line)
        try:
            answer = await getattr(crowd, command.pop("do"))(command)
        except (OSError, TimeoutError) as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        sys.stdout.write(orjson.dumps(answer).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
