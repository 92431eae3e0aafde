"""How a replay stands at this moment: what it writes down as it goes, and what a view of it shows."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

RECENT_SECONDS = 5.0


@dataclass(slots=True)
class Course:
    """Counted as it happens. Times are of the monotonic clock, `clock` is the installation's."""

    people: int
    phase: str = "drawing the people"
    declared: int = 0
    retried: int = 0
    arrived: int = 0
    acknowledged: int = 0
    wanted_sockets: int = 0
    open_sockets: Callable[[], int] = lambda: 0
    cuts: int = 0
    clock: datetime | None = None
    started: float = 0.0
    declare_seconds: list[float] = field(default_factory=list)
    delivery_seconds: list[float] = field(default_factory=list)
    commit_seconds: list[float] = field(default_factory=list)
    sent_at: dict[str, float] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    def accepted(self, people: int, seconds: float) -> None:
        """A household has its receipt."""
        self.declared += people
        self.declare_seconds.append(seconds)

    def rate(self) -> float:
        """People declared a second, over the last few seconds. To be asked a few times a second."""
        now = time.monotonic()
        self._recent.append((now, self.declared))
        while len(self._recent) > 2 and now - self._recent[0][0] > RECENT_SECONDS:
            self._recent.popleft()
        begin, count = self._recent[0]
        return (self.declared - count) / (now - begin) if now > begin else 0.0
