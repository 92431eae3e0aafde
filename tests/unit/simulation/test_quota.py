"""The published proportions at other sizes."""

import pytest

from simulation.quota import quota


@pytest.mark.parametrize(
    ("declared", "severe", "high_risk"),
    [(48_000, 4_342, 731), (5_000, 452, 76), (300, 27, 5), (96_000, 8_684, 1_462), (1, 0, 0), (6, 1, 0), (0, 0, 0)],
)
def test_the_quota_is_scaled_and_rounded_half_up(declared: int, severe: int, high_risk: int) -> None:
    wanted = quota(declared)
    assert (wanted.declared, wanted.severe, wanted.high_risk) == (declared, severe, high_risk)
    assert wanted.alerts == severe + high_risk
