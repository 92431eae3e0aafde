"""An event loop that takes up all connections that wait, and not one in each of its turns.

libuv, on which uvloop stands, accepts one connection a turn. In a storm a turn takes ten milliseconds, so that a
hundred new connections a second were taken up while a thousand came; the others lay with the kernel for seconds, or
were never told anything: neither an answer nor when to come back.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from typing import Any, cast

import uvloop

_AT_ONCE = 100
_LOOK_SECONDS = 0.05


class AcceptingLoop(uvloop.Loop):
    """uvloop's, with listeners that take up what waits beside what libuv takes up."""

    async def create_server(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> asyncio.Server:
        """As uvloop's. TLS is left to libuv's own pace: here it is a proxy's business.

        A socket that was bound for several processes is not listened on itself: each has its own at the same address.
        """
        shared = kwargs.get("sock")
        if shared is not None and is_shared(shared):
            kwargs["sock"] = _own(shared)
        server = cast(asyncio.Server, await super().create_server(protocol_factory, *args, **kwargs))
        if kwargs.get("ssl") is None:
            for listening in server.sockets:
                _Beside(self, server, listening.fileno(), protocol_factory)
        return server


def bound_for_several(host: str, port: int) -> socket.socket | None:
    """An address for several processes, each of which listens there on a socket of its own; None where none may.

    From one socket whoever wakes first takes all that waits: of two processes one had four times as many connections
    as the other, and kept them. The kernel deals out what comes to several, evenly. Raises OSError.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        return None
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def is_shared(bound: socket.socket) -> bool:
    """Whether a socket was bound so that others may listen at its address."""
    return hasattr(socket, "SO_REUSEPORT") and bool(bound.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))


def _own(shared: socket.socket) -> socket.socket:
    host, port = shared.getsockname()[:2]
    own = bound_for_several(host, port)
    # It has been bound so once, as it says of itself.
    assert own is not None
    return own


class _Beside:
    """Takes up connections of one listening socket, until its server is closed."""

    def __init__(
        self,
        loop: uvloop.Loop,
        server: asyncio.Server,
        listening: int,
        factory: Callable[[], asyncio.BaseProtocol],
    ) -> None:
        self._loop, self._server, self._factory = loop, server, factory
        # A descriptor of our own for the same socket: libuv watches the other.
        self._socket = socket.socket(fileno=os.dup(listening))
        self._socket.setblocking(False)
        self._tasks: set[asyncio.Task[None]] = set()
        loop.add_reader(self._socket, self._take)
        self._look()

    def _look(self) -> None:
        # Held open by us, the kernel would go on greeting whom nobody will serve.
        if self._server.is_serving():
            self._loop.call_later(_LOOK_SECONDS, self._look)
        else:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _take(self) -> None:
        for _ in range(_AT_ONCE):
            if not self._server.is_serving():
                return
            try:
                connection, _ = self._socket.accept()
            except OSError:
                # Nobody waits any more, or has gone meanwhile, or there is no descriptor left: libuv deals with that.
                return
            connection.setblocking(False)
            task = self._loop.create_task(self._serve(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            await self._loop.connect_accepted_socket(self._factory, connection)
