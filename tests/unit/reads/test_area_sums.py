"""Sums over ranges of areas."""

from hypothesis import given
from hypothesis import strategies as st

from services.area_sums import AreaSums


@given(st.dictionaries(st.integers(0, 50), st.integers(0, 9)), st.integers(-5, 55), st.integers(-5, 55))
def test_a_range_has_the_sum_of_its_areas(numbers: dict[int, int], lo: int, hi: int) -> None:
    if lo <= hi:
        expected = sum(number for area, number in numbers.items() if lo <= area <= hi)
        assert AreaSums(numbers).within(lo, hi) == expected
