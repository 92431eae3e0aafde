"""An isolation ends by the protocol's days and by what a supervised test has shown."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.isolation import Isolation
from triage.release import EndTest, release

DAY_0 = date(2022, 3, 17)
RULES = Isolation(7, 10, 14, 2, 2, 1)


def day(number: int) -> date:
    return DAY_0 + timedelta(days=number)


def made(number: int, *, negative: bool = True, verified: bool = True) -> EndTest:
    return EndTest(day(number), negative, verified)


@pytest.mark.parametrize(
    ("today", "doses", "tests", "missing", "from_day"),
    [
        (6, 2, (), "TOO_EARLY", 7),
        (7, 2, (), "NO_NEGATIVE_TEST", 10),
        (7, 2, (made(7),), None, 7),
        (7, 2, (made(7, verified=False),), "TEST_NOT_VERIFIED", 10),
        # A test before its day says nothing of the seventh.
        (7, 2, (made(3),), "NO_NEGATIVE_TEST", 10),
        (7, 2, (made(7, negative=False),), "STILL_POSITIVE", 10),
        (7, 1, (made(7, negative=False),), "STILL_POSITIVE", 14),
        (7, None, (made(7, negative=False),), "STILL_POSITIVE", 14),
        (8, 0, (made(7, negative=False), made(8)), None, 8),
        # Of two on one day the positive one counts, whichever was sent first.
        (7, 2, (made(7), made(7, negative=False)), "STILL_POSITIVE", 10),
        (9, 2, (made(7), made(8, negative=False)), "STILL_POSITIVE", 10),
        (10, 2, (made(7, negative=False),), None, 10),
        (13, 1, (made(7, negative=False),), "STILL_POSITIVE", 14),
        (14, 1, (), None, 14),
    ],
)
def test_an_isolation_ends_on_its_day(
    today: int, doses: int | None, tests: tuple[EndTest, ...], missing: str | None, from_day: int
) -> None:
    found = release(RULES, DAY_0, doses, tests, day(today))
    assert (found.missing, found.from_day) == (missing, day(from_day))
    assert found.possible == (missing is None)


_TESTS = st.lists(st.builds(made, st.integers(0, 20), negative=st.booleans(), verified=st.booleans()), max_size=6)


@given(today=st.integers(0, 30), doses=st.none() | st.integers(0, 4), tests=_TESTS)
def test_nobody_leaves_before_day_seven_nor_stays_after_the_last_day(
    today: int, doses: int | None, tests: list[EndTest]
) -> None:
    found = release(RULES, DAY_0, doses, tests, day(today))
    last = 10 if (doses or 0) >= 2 else 14
    if today < 7:
        assert not found.possible
    if today >= last:
        assert found.possible
    if found.possible:
        assert found.from_day <= day(today)
        assert today >= last or any(one.negative and one.verified and one.taken_on >= day(7) for one in tests)


@given(today=st.integers(7, 30), doses=st.none() | st.integers(0, 4), tests=_TESTS)
def test_a_negative_test_of_today_keeps_nobody_in(today: int, doses: int | None, tests: list[EndTest]) -> None:
    others = [one for one in tests if one.taken_on < day(today)]
    assert release(RULES, DAY_0, doses, [*others, made(today)], day(today)).possible
