from datetime import date

import pytest

from tests.unit.triage.sample import COVID


@pytest.mark.parametrize(
    ("positive", "doses", "day"),
    [
        (False, None, date(2022, 3, 8)),
        (False, 0, date(2022, 3, 8)),
        (True, 2, date(2022, 3, 11)),
        (True, 3, date(2022, 3, 11)),
        (True, 1, date(2022, 3, 15)),
        (True, None, date(2022, 3, 15)),
    ],
)
def test_release_counts_from_the_day_of_the_test(positive: bool, doses: int | None, day: date) -> None:
    assert COVID.isolation.release_on(date(2022, 3, 1), positive, doses) == day
