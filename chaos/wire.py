"""A wire between two parts of a run, which can be cut and stalled without either part knowing."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import cast

Place = Path | tuple[str, int]
"""A UNIX socket, or a host and a port."""

_BUFFER = 32_768
_SEGMENT = 1_400


class Wire:
    """Listens at one place and leads to another; `target` is asked for each connection, for a restart may move it."""

    def __init__(self, place: Place, target: Callable[[], Place]) -> None:
        self.place = place
        self.stalled = False
        self._target = target
        self._server: asyncio.Server | None = None
        self._ends: set[_End] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begins to listen."""
        loop = asyncio.get_running_loop()
        if isinstance(self.place, Path):
            self._server = await loop.create_unix_server(lambda: _End(self), str(self.place))
        else:
            self._server = await loop.create_server(lambda: _End(self), sock=_listening(*self.place), backlog=1024)

    def close(self) -> None:
        """Ends every connection and listens no more."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> int:
        """Tears every connection without a word, as a dead link does; how many there were."""
        ends = list(self._ends)
        for end in ends:
            end.tear()
        return len(ends) // 2

    def stall(self) -> None:
        """From now on nothing passes, and nobody is told."""
        self.stalled = True
        self._settle()

    def flow(self) -> None:
        """Everything passes again, also what has waited."""
        self.stalled = False
        self._settle()

    def _settle(self) -> None:
        for end in self._ends:
            end.settle()

    def took(self, near: "_End") -> None:
        """A part has connected: the other side is connected for it."""
        task = asyncio.create_task(self._lead(near))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _lead(self, near: "_End") -> None:
        loop = asyncio.get_running_loop()
        target = self._target()
        far = _End(self, near)
        try:
            if isinstance(target, Path):
                await loop.create_unix_connection(lambda: far, str(target))
            else:
                await loop.create_connection(lambda: far, sock=await _connected(*target))
        except OSError:
            # Whoever is behind it is down: the near side sees what it would see without us.
            near.tear()

    def keep(self, end: "_End") -> None:
        """An end is open."""
        self._ends.add(end)

    def drop(self, end: "_End") -> None:
        """An end is gone."""
        self._ends.discard(end)


def _listening(host: str, port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    found.bind((host, port))
    return found


async def _connected(host: str, port: int) -> socket.socket:
    found = socket.socket()
    found.setblocking(False)
    # As a network has them: a machine's own wire takes megabytes for a client that reads nothing, and would hide from
    # a server that there is one.
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT)
    try:
        await asyncio.get_running_loop().sock_connect(found, (host, port))
    except OSError:
        found.close()
        raise
    return found


class _End(asyncio.Protocol):
    """One end of one connection; what comes in goes out at its peer."""

    def __init__(self, wire: Wire, peer: "_End | None" = None) -> None:
        self._wire = wire
        self._peer = peer
        self._early = bytearray()
        self._transport: asyncio.Transport | None = None
        self._full = False
        self._reading = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open; where it was led here, its peer waits for it."""
        # uvloop's transports are not asyncio's by class.
        self._transport = cast(asyncio.Transport, transport)
        self._wire.keep(self)
        if self._peer is None:
            self._wire.took(self)
        else:
            self._peer.join(self)

    def join(self, peer: "_End") -> None:
        """The other side is there: both read from now on. Where this one is gone already, so is the other."""
        self._peer = peer
        if self._transport is None or self._transport.is_closing():
            peer.tear()
        peer.put(bytes(self._early))
        self._early.clear()
        self.settle()
        peer.settle()

    def settle(self) -> None:
        """Reads or not, as the wire and the peer allow."""
        may = self._peer is not None and not self._wire.stalled and not self._peer.is_full
        if self._transport is None or may == self._reading:
            return
        self._reading = may
        with contextlib.suppress(RuntimeError):  # It is closing.
            if may:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    @property
    def is_full(self) -> bool:
        """Whether what it was given waits to go out."""
        return self._full

    def data_received(self, data: bytes) -> None:
        """Passes it on."""
        if self._peer is None:
            # Not paused instead: uvloop begins to read after `connection_made`, whatever was said in it.
            self._early += data
        else:
            self._peer.put(data)

    def put(self, data: bytes) -> None:
        """Sends it."""
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def pause_writing(self) -> None:
        """Its other side takes nothing: who sends has to wait, or this would be a queue without a bound."""
        self._full = True
        if self._peer is not None:
            self._peer.settle()

    def resume_writing(self) -> None:
        """It takes again."""
        self._full = False
        if self._peer is not None:
            self._peer.settle()

    def tear(self) -> None:
        """Ends it at once."""
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        """Ends it when what waits has gone out."""
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """One end is gone: so is the other."""
        self._wire.drop(self)
        if self._peer is not None:
            if exc is None:
                self._peer.end()
            else:
                self._peer.tear()
