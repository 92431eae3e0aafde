"""The clock in seconds is the clock in dates, whatever it was set to."""

from datetime import UTC, datetime, timedelta

import pytest

from clock import Clock


@pytest.mark.parametrize("offset", [timedelta(), timedelta(days=-1700), timedelta(hours=3)])
def test_the_seconds_are_those_of_the_moment_that_was_not_moved(offset: timedelta) -> None:
    clock = Clock()
    assert clock.seconds() == pytest.approx(clock.unmoved().timestamp(), abs=0.5)
    clock.follow(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), offset)
    assert clock.seconds() == pytest.approx(clock.unmoved().timestamp(), abs=0.5)
    assert clock.unmoved().date().isoformat() == "2026-03-01"
