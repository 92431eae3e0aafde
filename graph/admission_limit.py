"""How many requests a process works on at once: found by measuring how long they take, and never guessed."""

import time
from collections.abc import Callable

_WINDOW_SECONDS = 0.25
_FEWEST = 8
_GROWS, _SHRINKS, _SHRINKS_MOST = 1.0, 0.8, 0.5
_REMEMBERS = 0.05
_LATE_SECONDS = 1.0
_MOST_REFUSING = 0.5


class Concurrency:
    """Grows by one where all places are taken and answers come in time, and shrinks by a fifth where they do not.

    Where they take more than twice as long as they may it shrinks to the half, for a storm begins within a second.

    The time is the mean of a quarter of a second, of what takes about as long each time: a head who signs three hundred
    certificates in one request says nothing of how the process fares. What the refusals took of the process meanwhile
    is not held against those who were admitted: fewer of them would make it no less.

    Who shrinks looks away until what was begun before has ended, and for a second where alerts are late, which are told
    by the latest of late. Otherwise one pause of the machine counts seven times, and half a storm is served by three.
    """

    def __init__(
        self,
        wanted_seconds: float,
        least: int,
        most: int,
        late: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins in the middle; `wanted_seconds` is how long a request may be worked on.

        `late` says whether alerts reach their screens late. They take their turns in the same loop as all else, one
        after another for each screen, and are what the rest is there for.
        """
        self._wanted, self._least, self._most, self._late, self._clock = wanted_seconds, least, most, late, clock
        self._limit = float((least + most) // 2)
        self._began = clock()
        self._sum, self._count, self._full = 0.0, 0, False
        self._refusing = 0.0
        self._looks_from = float("-inf")

    @property
    def limit(self) -> int:
        """How many at once."""
        return int(self._limit)

    def refused(self, seconds: float) -> None:
        """Refusing somebody has kept the process from its work for so long."""
        self._refusing += seconds

    def took(self, seconds: float, *, full: bool) -> None:
        """A request took so long from its admission to its answer; `full` is whether others waited meanwhile."""
        self._sum += seconds
        self._count += 1
        self._full |= full
        now = self._clock()
        if now - self._began < _WINDOW_SECONDS or self._count < _FEWEST:
            return
        mean = self._sum / self._count
        mean *= 1.0 - min(_MOST_REFUSING, self._refusing / (now - self._began))
        late = self._late()
        if now >= self._looks_from:
            if mean > self._wanted or late:
                shrinks = max(_SHRINKS_MOST, min(_SHRINKS, self._wanted / mean))
                self._limit = max(float(self._least), self._limit * shrinks)
                self._looks_from = now + (_LATE_SECONDS if late else min(_LATE_SECONDS, self._sum / self._count))
            elif self._full:
                self._limit = min(float(self._most), self._limit + _GROWS)
        self._began, self._sum, self._count, self._full, self._refusing = now, 0.0, 0, False, 0.0


class Pace:
    """How long one lane's requests take, as a mean that forgets; by it and by how many go at once, a wait is told.

    Where others waited for it, the time from the end of one to the end of the next is measured as well: in a storm much
    of the time goes by before anything is begun.
    """

    def __init__(self, seconds: float = 0.02, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins with a guess, which the first twenty requests replace."""
        self.seconds = seconds
        self._clock = clock
        self._between: float | None = None
        self._last: float | None = None

    def took(self, seconds: float, *, waited: bool = False) -> None:
        """One request took so long; `waited` is whether another waited for its place."""
        self.seconds += (seconds - self.seconds) * _REMEMBERS
        now = self._clock()
        if waited and self._last is not None:
            between = now - self._last
            self._between = between if self._between is None else self._between + (between - self._between) * _REMEMBERS
        else:
            # Of a line that has been empty there is nothing to tell.
            self._between = None
        self._last = now if waited else None

    def rate(self, at_once: int) -> float:
        """Requests a second where so many go at once."""
        rate = max(at_once, 1) / max(self.seconds, 0.000_5)
        return rate if self._between is None else min(rate, 1 / max(self._between, 0.000_5))
