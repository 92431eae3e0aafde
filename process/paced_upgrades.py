"""Sockets that are opened a few at a time: each costs as much of the loop as a small request, and they come together.

After a restart every screen comes back within the same moment. Opened as they came, two thousand of them held the loop
for two seconds, in which neither an alert nor a declaration moved. Who would wait for more than a second is told when
to come back instead: what is opened late has a client that has given up on it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from process.door_http import DoorHttp
from process.handshake import plain_handshake
from process.held_socket import HeldSocket

Clock: TypeAlias = Callable[[], float]

_REMEMBERS = 0.2
_NOT_NOW = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Pace:
    """So many calls in so many seconds, in the order of their coming; at once where few come."""

    def __init__(self, at_once: int, seconds: float, patience: float, clock: Clock = time.monotonic) -> None:
        """At most `at_once` are made in one piece, and then none for `seconds`; nobody waits longer than `patience`."""
        self._at_once, self._seconds, self._patience, self._clock = at_once, seconds, patience, clock
        self._waiting: deque[Callable[[], None]] = deque()
        self._left = at_once
        self._resting = False
        self._rest, self._since = seconds, 0.0
        # How long a rest really is: a loop that is behind comes back to it late.

    def call(self, one: Callable[[], None]) -> bool:
        """Calls it now, or in its turn; False where that would take too long, and it is never called."""
        if self._left and not self._waiting:
            self._made(one)
        elif (len(self._waiting) // self._at_once + 1) * self._rest > self._patience:
            return False
        else:
            self._waiting.append(one)
        return True

    def _made(self, one: Callable[[], None]) -> None:
        self._left -= 1
        if not self._resting:
            self._resting = True
            self._since = self._clock()
            asyncio.get_running_loop().call_later(self._seconds, self._rested)
        one()

    def _rested(self) -> None:
        rest = max(self._seconds, self._clock() - self._since)
        self._rest += (rest - self._rest) * _REMEMBERS
        self._left, self._resting = self._at_once, False
        while self._waiting and self._left:
            self._made(self._waiting.popleft())


class PacedHttp(DoorHttp):
    """One connection, which becomes a socket when it is its turn."""

    pace = Pace(4, 0.01, 1.0)
    """Of the whole process."""

    def handle_websocket_upgrade(self) -> None:
        """The client wants a socket. What it says before it was answered waits with the kernel."""
        self.transport.pause_reading()
        if not self.pace.call(self._upgrade):
            self._send_away()

    def _upgrade(self) -> None:
        if self.transport.is_closing():
            return
        self.transport.resume_reading()
        request = plain_handshake(self.scope["method"], self.url, self.headers)
        if request is None or self.ws_protocol_class is not HeldSocket:
            super().handle_websocket_upgrade()
        else:
            self.connections.discard(self)
            opened = HeldSocket(config=self.config, server_state=self.server_state, app_state=self.app_state)
            opened.connection_made(self.transport)
            opened.begin(request)
            self.transport.set_protocol(opened)
        # They hold each other, and would lie about until the collector comes by: a tenth of what a socket takes.
        self.parser = None  # type: ignore[assignment]  # as uvicorn's own when a connection is lost

    def _send_away(self) -> None:
        self._wait_no_more()
        self.transport.write(self._door.no_socket(dict(self.headers)) if self._door else _NOT_NOW)
        self.transport.close()
