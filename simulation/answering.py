"""How the simulated stations take their alerts: four in ten of them, after times that a station needs."""

import heapq
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

SHARE = 0.4

# Minutes until half of the alerts of a kind are taken, and the spread of the logarithm.
_MEDIAN_MINUTES = {"RED": 6.0, "AMBER": 24.0}
_MEDIAN_HIGH_RISK = 70.0
_SPREAD = 0.7


@dataclass(frozen=True, slots=True, order=True)
class Answer:
    """An alert that a station will take at a moment of the installation's clock."""

    due: datetime
    alert: str
    ward: str


class Answering:
    """Decides which alerts are taken and when. Of a case with two alerts, one is enough: taking it takes both."""

    def __init__(self, seed: int, end: datetime) -> None:
        """Nothing is taken later than `end`."""
        self._draw = random.Random(f"answers {seed}")
        self._end = end
        self._owed = 0.0
        self._taken: dict[str, bool] = {}
        self._waiting: list[Answer] = []

    def hear(self, alert: str, case: str, ward: str, danger: str | None, at: datetime) -> None:
        """A station hears of an alert that was raised at that moment."""
        # Added up instead of drawn, so that the share is met and not only expected.
        self._owed += SHARE
        if case in self._taken:
            self._owed -= self._taken[case]
            return
        self._taken[case] = self._owed >= 1
        if not self._taken[case]:
            return
        self._owed -= 1
        median = _MEDIAN_MINUTES.get(danger or "", _MEDIAN_HIGH_RISK)
        minutes = self._draw.lognormvariate(0, _SPREAD) * median
        heapq.heappush(self._waiting, Answer(min(at + timedelta(minutes=minutes), self._end), alert, ward))

    def due(self, now: datetime) -> list[Answer]:
        """The alerts to take now, in their order."""
        answers = []
        while self._waiting and self._waiting[0].due <= now:
            answers.append(heapq.heappop(self._waiting))
        return answers

    @property
    def next_due(self) -> datetime | None:
        """When the next alert is to be taken."""
        return self._waiting[0].due if self._waiting else None
