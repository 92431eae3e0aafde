from datetime import UTC, date, datetime, timedelta

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


MORNING = datetime(2022, 3, 18, 1, 0, tzinfo=UTC)


def test_two_check_ins_a_day_are_twelve_hours_apart_and_may_be_four_hours_late() -> None:
    assert COVID.isolation.check_in_due(MORNING) == MORNING + timedelta(hours=16)


@pytest.mark.parametrize(("hours", "missed"), [(0, 1), (11.9, 1), (12, 2), (36, 4)])
def test_whoever_was_not_looked_for_has_missed_all_that_fell_due_meanwhile(hours: float, missed: int) -> None:
    due = MORNING + timedelta(hours=16)
    now = due + timedelta(hours=hours)
    count, following = COVID.isolation.missed(due, now)
    assert count == missed
    assert now < following <= now + timedelta(hours=12)
