"""Counters in this process's memory, for an installation of one process."""

import time
from collections.abc import Callable

from limits.aio.storage import Storage

_MOST = 500_000


class MemoryCounters(Storage):
    """Each key's count and the moment of its end.

    The library's own memory looks through all of its keys at every single try, which with a city's phones in it costs
    more than the declaration that it counts.
    """

    def __init__(self, now: Callable[[], float] = time.time, most: int = _MOST) -> None:
        """`now` gives seconds since the epoch; of more than `most` keys the oldest are forgotten."""
        super().__init__(wrap_exceptions=True)
        self._now, self._most = now, most
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a failing storage raises; memory does not fail."""
        return OSError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Counts, in a new window where there is none."""
        return self.count(key, expiry, amount)

    def count(self, key: str, expiry: float, amount: int) -> int:
        """The same, for whoever need not wait."""
        now = self._now()
        count, until = self._counts.get(key, (0, 0.0))
        if until <= now:
            # Taken out first, so that the oldest windows stand in front.
            self._counts.pop(key, None)
            count, until = 0, now + expiry
            self._make_room()
        self._counts[key] = (count + amount, until)
        return count + amount

    async def get(self, key: str) -> int:
        """The count; 0 where no window is open."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > self._now() else 0

    async def get_expiry(self, key: str) -> float:
        """When the window ends."""
        return self._counts.get(key, (0, self._now()))[1]

    async def check(self) -> bool:
        """Memory is always there."""
        return True

    async def reset(self) -> int | None:
        """Forgets everything."""
        gone = len(self._counts)
        self._counts.clear()
        return gone

    async def clear(self, key: str) -> None:
        """Forgets one key."""
        self._counts.pop(key, None)

    async def sweep(self) -> int:
        """Forgets the windows that are over; how many they were."""
        now = self._now()
        over = [key for key, (_, until) in self._counts.items() if until <= now]
        for key in over:
            del self._counts[key]
        return len(over)

    async def close(self) -> None:
        """Memory has nothing to close."""

    def _make_room(self) -> None:
        # Whoever makes up a million phones must not take the process's memory; the newest tries are those that matter.
        while len(self._counts) >= self._most:
            del self._counts[next(iter(self._counts))]
