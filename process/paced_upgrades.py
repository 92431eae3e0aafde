"""Sockets that are opened a few at a time: each costs as much of the loop as a small request, and they come together.

After a restart every screen comes back within the same moment. Opened as they came, two thousand of them held the loop
for two seconds, in which neither an alert nor a declaration moved.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from process.door_http import DoorHttp


class Pace:
    """So many calls in so many seconds, in the order of their coming; at once where few come."""

    def __init__(self, at_once: int, seconds: float) -> None:
        """At most `at_once` are made in one piece, and then none for `seconds`."""
        self._at_once, self._seconds = at_once, seconds
        self._waiting: deque[Callable[[], None]] = deque()
        self._left = at_once
        self._resting = False

    def call(self, one: Callable[[], None]) -> None:
        """Calls it now, or in its turn."""
        if self._left and not self._waiting:
            self._made(one)
        else:
            self._waiting.append(one)

    def _made(self, one: Callable[[], None]) -> None:
        self._left -= 1
        if not self._resting:
            self._resting = True
            asyncio.get_running_loop().call_later(self._seconds, self._rested)
        one()

    def _rested(self) -> None:
        self._left, self._resting = self._at_once, False
        while self._waiting and self._left:
            self._made(self._waiting.popleft())


class PacedHttp(DoorHttp):
    """One connection, which becomes a socket when it is its turn."""

    pace = Pace(4, 0.01)
    """Of the whole process."""

    def handle_websocket_upgrade(self) -> None:
        """The client wants a socket. What it says before it was answered waits with the kernel."""
        self.transport.pause_reading()
        self.pace.call(self._upgrade)

    def _upgrade(self) -> None:
        if self.transport.is_closing():
            return
        self.transport.resume_reading()
        super().handle_websocket_upgrade()
