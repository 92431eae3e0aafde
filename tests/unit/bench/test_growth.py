"""By which power of the size a figure grows, and which sizes fit on a disk."""

import pytest

from bench.growth import fitting, slope


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({10: 5.0, 100: 5.0, 1000: 5.0}, 0.0),
        ({10: 1.0, 100: 10.0, 1000: 100.0}, 1.0),
        ({10: 1.0, 1000: 10.0}, 0.5),
        ({10: 7.0}, 0.0),
    ],
)
def test_a_slope_is_the_power_of_the_size(points: dict[int, float], expected: float) -> None:
    assert slope(points) == pytest.approx(expected)


def test_the_largest_size_is_left_out_where_the_disk_is_small() -> None:
    assert fitting([10_000, 10_000_000], 20 * 2**30) == [10_000]
    assert fitting([10_000_000, 10_000], 200 * 2**30) == [10_000, 10_000_000]
