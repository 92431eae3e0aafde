"""When those are told to come back whom there is no room for: one after another, as fast as they can be served.

Not all of them do come back. What share does is measured, and so many are called at once that as many come as fit.
"""

import random
import time
from collections.abc import Callable

_SOONEST = 1.0
_JITTER = 0.25
_MOST_JITTER = 1.5
# More would bring those refused first back after those refused later.
_HALF_LIFE = 10.0


class Returns:
    """The moments at which the refused of one lane are to return."""

    def __init__(
        self,
        longest: float,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
        *,
        all_come: bool = False,
    ) -> None:
        """Tells nobody to wait longer than `longest` seconds. `all_come` is for those who show nothing when they do."""
        self._longest, self._clock, self._draw, self._all_come = longest, clock, draw, all_come
        self._next = clock()
        self._due: dict[int, int] = {}
        self._called = self._came = 0.0
        self._decayed_at = clock()

    @property
    def share(self) -> float:
        """What share of those whose moment has come did come; all, until something is known."""
        return 1.0 if self._all_come else min(1.0, max(0.01, (self._came + 1) / (self._called + 1)))

    def wait(self, rate: float) -> float:
        """Seconds for the next one who is refused, where so many a second are served. Some later than others."""
        now = self._clock()
        self._settle(now)
        soonest = now + _SOONEST
        self._next = max(soonest, self._next + self.share / max(rate, 0.1))
        # Beyond the longest wait a turn says nothing any more: whoever comes then finds others of the same moment.
        self._next = min(self._next, now + self._longest)
        seconds = self._next - now
        seconds += self._draw() * min(seconds * _JITTER, _MOST_JITTER)
        second = int(now + seconds) + 1
        self._due[second] = self._due.get(second, 0) + 1
        return seconds

    def came(self) -> None:
        """Somebody came back in their time."""
        self._settle(self._clock())
        self._came += 1

    def _settle(self, now: float) -> None:
        if now - self._decayed_at < 1:
            return
        kept = 0.5 ** ((now - self._decayed_at) / _HALF_LIFE)
        self._decayed_at = now
        self._called *= kept
        self._came *= kept
        for second in [second for second in self._due if second <= now]:
            self._called += self._due.pop(second)
