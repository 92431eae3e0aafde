"""Shifts and quiet hours on the clock on the wall, also across midnight."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duty import WEEKDAYS, Hours

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2022, 3, 14, tzinfo=ZONE)
EVERY_DAY = frozenset(WEEKDAYS)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week that begins on a Monday; day 1 is that Monday."""
    return MONDAY + timedelta(days=day - 1, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("weekdays", "starts", "ends", "moment", "on_duty"),
    [
        ({1}, time(8), time(17), at(1, 8), True),
        ({1}, time(8), time(17), at(1, 16, 59), True),
        ({1}, time(8), time(17), at(1, 17), False),
        ({1}, time(8), time(17), at(1, 7, 59), False),
        ({1}, time(8), time(17), at(2, 12), False),
        # A night belongs to the day on which it begins: Sunday's reaches into Monday.
        ({7}, time(22), time(6), at(7, 23), True),
        ({7}, time(22), time(6), at(8, 5, 59), True),
        ({7}, time(22), time(6), at(8, 6), False),
        ({7}, time(22), time(6), at(7, 5), False),
        ({1}, time(22), time(6), at(1, 5), False),
        # The same hour twice is a whole day.
        ({1}, time(8), time(8), at(1, 7), False),
        ({1}, time(8), time(8), at(1, 8), True),
        ({1}, time(8), time(8), at(2, 7, 59), True),
        ({1}, time(8), time(8), at(2, 8), False),
        (EVERY_DAY, time(0), time(0), at(3, 0), True),
        (EVERY_DAY, time(0), time(0), at(3, 23, 59), True),
        (set(), time(0), time(0), at(3, 12), False),
    ],
)
def test_a_shift_covers_its_hours_and_no_others(
    weekdays: set[int], starts: time, ends: time, moment: datetime, on_duty: bool
) -> None:
    assert Hours(weekdays, starts, ends).on_duty(moment) is on_duty


@pytest.mark.parametrize(
    ("begins", "ends", "moment", "minutes"),
    [
        (time(22), time(6), at(1, 21, 59), 0),
        (time(22), time(6), at(1, 22), 8 * 60),
        (time(22), time(6), at(1, 23, 30), 6 * 60 + 30),
        (time(22), time(6), at(1, 0), 6 * 60),
        (time(22), time(6), at(1, 5, 59), 1),
        (time(22), time(6), at(1, 6), 0),
        (time(12), time(13), at(1, 12, 20), 40),
        (time(12), time(13), at(1, 13), 0),
        (time(22), time(0), at(1, 23), 60),
        (time(12), time(12), at(1, 12), 0),
        (None, None, at(1, 3), 0),
    ],
)
def test_quiet_hours_last_until_they_end(
    begins: time | None, ends: time | None, moment: datetime, minutes: int
) -> None:
    assert Hours(EVERY_DAY, time(0), time(0), begins, ends).quiet(moment) == timedelta(minutes=minutes)


TIMES = st.times()
MOMENTS = st.datetimes(datetime(2022, 1, 1), datetime(2023, 1, 1)).map(lambda found: found.replace(tzinfo=ZONE))


@given(begins=TIMES, ends=TIMES, moment=MOMENTS)
def test_after_the_quiet_there_is_no_quiet_and_it_is_never_a_day(begins: time, ends: time, moment: datetime) -> None:
    hours = Hours(EVERY_DAY, time(0), time(0), begins, ends)
    left = hours.quiet(moment)
    assert timedelta() <= left < timedelta(days=1)
    assert hours.quiet(moment + left) == timedelta()


@given(starts=TIMES, ends=TIMES, moment=MOMENTS)
def test_of_two_who_take_turns_exactly_one_is_on_duty(starts: time, ends: time, moment: datetime) -> None:
    if starts == ends:
        return
    one, other = Hours(EVERY_DAY, starts, ends), Hours(EVERY_DAY, ends, starts)
    assert one.on_duty(moment) is not other.on_duty(moment)
