"""Whether the loop itself is behind: then a request waits for its turns, whatever is admitted."""

import asyncio

_EVERY = 0.05
_WATCHED_SECONDS = 5.0
_REMEMBERS = 0.3
STRAINED_SECONDS = 0.05
"""A turn that takes longer: a declaration, which takes fifteen, would take a second."""


class Strain:
    """How late the loop's timers are; looked at only for some seconds after somebody was refused."""

    def __init__(self) -> None:
        """Looks at nothing until `watch`."""
        self.late = 0.0
        self._due = self._until = 0.0
        self._watching = False

    @property
    def strained(self) -> bool:
        """Whether turns take too long."""
        return self.late > STRAINED_SECONDS

    def watch(self) -> None:
        """To be called whenever somebody is refused."""
        loop = asyncio.get_running_loop()
        self._until = loop.time() + _WATCHED_SECONDS
        if not self._watching:
            self._watching = True
            self._next(loop)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + _EVERY
        loop.call_later(_EVERY, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self.late += (max(0.0, now - self._due) - self.late) * _REMEMBERS
        self._watching = now < self._until
        if self._watching:
            self._next(loop)
        else:
            self.late = 0.0
