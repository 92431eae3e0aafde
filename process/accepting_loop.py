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
        """As uvloop's. TLS is left to libuv's own pace: here it is a proxy's business."""
        server = cast(asyncio.Server, await super().create_server(protocol_factory, *args, **kwargs))
        if kwargs.get("ssl") is None:
            for listening in server.sockets:
                _Beside(self, server, listening.fileno(), protocol_factory)
        return server


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
