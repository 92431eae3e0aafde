"""What is told to everybody of all areas at once: reckoned together, because each figure bounds the others."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from models.area import Area
from services.area_sums import AreaSums
from services.disclosure import Place, Told, tell

METRICS = ("declared", "confirmed", "severe", "high_risk")


class Counted(NamedTuple):
    """What was counted of one area on one day; on the first day of all, also what was counted before it."""

    area_no: int
    day: date
    declared: int
    confirmed: int
    severe: int
    high_risk: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of one area: of each metric until the end of each day; multiples of ten, 0 for less than ten.

    The first of the days is the one before those that are shown, so that each of them can be told from it.
    """

    area: Area
    totals: dict[str, list[int]] = field(default_factory=lambda: {metric: [] for metric in METRICS})
    parts: list["Figures"] = field(default_factory=list)

    def told(self, metric: str) -> int:
        """Until the end of the last day."""
        return self.totals[metric][-1]

    def on(self, metric: str, number: int) -> int:
        """What a day brought, from the first of those that are shown on; it says nothing that the totals do not."""
        return self.totals[metric][number + 1] - self.totals[metric][number]


def figures_of(areas: Sequence[Area], counted: Iterable[Counted], first: date, last: date) -> dict[str, Figures]:
    """The figures of every area that stood on the last day, or of which something is counted, by its identity.

    `first` is the day before the first that is shown. Takes a while: about a millisecond for a day that had anything.
    """
    by_day: Mapping[date, list[Counted]] = _by_day(counted)
    tree = _tree(
        areas, AreaSums({area_no: 1 for rows in by_day.values() for area_no in {one.area_no for one in rows}}), last
    )
    found = {figures.area.id: figures for root in tree for figures in _all(root)}
    until: dict[str, defaultdict[int, int]] = {metric: defaultdict(int) for metric in METRICS}
    for back in range((last - first).days + 1):
        rows = by_day.get(first + timedelta(days=back), [])
        for metric in METRICS:
            for row in rows:
                until[metric][row.area_no] += getattr(row, metric)
            if rows or not back:
                sums = AreaSums(until[metric])
                for root in tree:
                    _add(root, tell(_place(root, sums.within)), metric)
            else:
                # A day that brought nothing leaves everything as it was.
                for figures in found.values():
                    figures.totals[metric].append(figures.told(metric))
    return found


def _by_day(counted: Iterable[Counted]) -> dict[date, list[Counted]]:
    by_day: dict[date, list[Counted]] = {}
    for one in counted:
        by_day.setdefault(one.day, []).append(one)
    return by_day


def _tree(areas: Sequence[Area], counted: AreaSums, day: date) -> list[Figures]:
    """The areas above all others, with their parts in order: those that stand, and those that have ended but count."""
    shown = [area for area in areas if _stands(area, day) or counted.within(area.lo, area.hi)]
    made = {area.id: Figures(area) for area in sorted(shown, key=lambda area: area.lo)}
    roots: list[Figures] = []
    for figures in made.values():
        above = made.get(figures.area.parent_id or "")
        (roots if above is None else above.parts).append(figures)
    return roots


def _stands(area: Area, day: date) -> bool:
    return area.valid_from <= day and (area.valid_to is None or day < area.valid_to)


def _place(figures: Figures, within: Callable[[int, int], int]) -> Place:
    parts = tuple(_place(part, within) for part in figures.parts)
    return Place(within(figures.area.lo, figures.area.hi), parts)


def _add(figures: Figures, told: Told, metric: str) -> None:
    figures.totals[metric].append(told.count)
    for part, of_part in zip(figures.parts, told.parts, strict=True):
        _add(part, of_part, metric)


def _all(figures: Figures) -> Iterable[Figures]:
    yield figures
    for part in figures.parts:
        yield from _all(part)
