"""Sums over ranges of areas, from one number an area."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import accumulate


class AreaSums:
    """Numbers of areas, summed beforehand: a range is then two look-ups, and three hundred ranges cost nothing."""

    def __init__(self, numbers: Mapping[int, int]) -> None:
        """`numbers` has what was counted of each area, by the area's own number."""
        self._areas = sorted(numbers)
        self._sums = [0, *accumulate(numbers[area] for area in self._areas)]

    def within(self, lo: int, hi: int) -> int:
        """The sum over the areas whose number is within `lo`..`hi`, both included."""
        return self._sums[bisect_right(self._areas, hi)] - self._sums[bisect_left(self._areas, lo)]
