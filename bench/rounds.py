"""Several rounds of one measurement, so that a figure comes with its noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of the rounds, and their least and greatest."""

    middle: float
    least: float
    most: float

    def record(self) -> dict[str, float]:
        """For a report."""
        return {"median": round(self.middle, 2), "least": round(self.least, 2), "most": round(self.most, 2)}

    def __str__(self) -> str:
        return f"{self.middle:,.1f} ({self.least:,.1f} to {self.most:,.1f})"


def figure(values: Sequence[float]) -> Figure:
    """The figure of at least one round."""
    return Figure(median(values), min(values), max(values))
