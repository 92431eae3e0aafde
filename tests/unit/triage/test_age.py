from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.age import Age, age_band, age_on


@pytest.mark.parametrize(
    ("born", "on", "months"),
    [
        (date(2022, 3, 17), date(2022, 3, 17), 0),
        (date(2022, 1, 18), date(2022, 3, 17), 1),
        (date(2022, 1, 17), date(2022, 3, 17), 2),
        (date(2022, 1, 16), date(2022, 3, 17), 2),
        (date(2021, 3, 18), date(2022, 3, 17), 11),
        (date(2021, 3, 17), date(2022, 3, 17), 12),
        (date(1956, 3, 18), date(2022, 3, 17), 66 * 12 - 1),
        (date(1956, 3, 17), date(2022, 3, 17), 66 * 12),
        (date(2021, 12, 31), date(2022, 2, 28), 1),
        (date(2022, 1, 31), date(2022, 2, 28), 0),
        (date(2022, 1, 31), date(2022, 3, 1), 1),
    ],
)
def test_age_counts_completed_months(born: date, on: date, months: int) -> None:
    assert age_on(born, None, on) == Age(months, months)


@pytest.mark.parametrize(
    ("on", "years"),
    [
        (date(2022, 2, 28), 65),
        (date(2022, 3, 1), 66),
        (date(2024, 2, 28), 67),
        (date(2024, 2, 29), 68),
    ],
)
def test_who_was_born_on_29_february_has_the_birthday_on_1_march_in_common_years(on: date, years: int) -> None:
    age = age_on(date(1956, 2, 29), None, on)
    assert age is not None
    assert age.months_low // 12 == years


@pytest.mark.parametrize(
    ("year", "on", "low", "high"),
    [
        (1956, date(2022, 3, 17), 782, 794),
        (1956, date(2022, 1, 1), 780, 792),
        (1956, date(2022, 12, 31), 792, 803),
        (2022, date(2022, 3, 17), 0, 2),
        (2021, date(2022, 3, 17), 2, 14),
        (2023, date(2022, 3, 17), 0, 0),
    ],
)
def test_a_birth_year_gives_the_least_and_the_greatest_age(year: int, on: date, low: int, high: int) -> None:
    assert age_on(None, year, on) == Age(low, high)


def test_an_unknown_birth_gives_no_age() -> None:
    assert age_on(None, None, date(2022, 3, 17)) is None


def test_the_birth_date_wins_over_the_year() -> None:
    assert age_on(date(2000, 3, 17), 1930, date(2022, 3, 17)) == Age(264, 264)


@given(
    born=st.dates(date(1900, 1, 1), date(2022, 12, 31)),
    after=st.integers(0, 40_000),
)
def test_the_age_from_the_year_spans_the_age_from_the_date(born: date, after: int) -> None:
    on = born + timedelta(days=after)
    exact, span = age_on(born, None, on), age_on(None, born.year, on)
    assert exact is not None
    assert span is not None
    assert span.months_low <= exact.months_low <= span.months_high


@given(born=st.dates(date(1900, 1, 1), date(2022, 12, 31)), after=st.integers(0, 40_000))
def test_nobody_grows_younger_from_one_day_to_the_next(born: date, after: int) -> None:
    on = born + timedelta(days=after)
    today, tomorrow = age_on(born, None, on), age_on(born, None, on + timedelta(days=1))
    assert today is not None
    assert tomorrow is not None
    assert today.months_low <= tomorrow.months_low <= today.months_low + 1


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2022, 3, 17), "0-4"),
        (date(2017, 3, 18), "0-4"),
        (date(2017, 3, 17), "5-11"),
        (date(2010, 3, 18), "5-11"),
        (date(2010, 3, 17), "12-17"),
        (date(2004, 3, 17), "18-49"),
        (date(1972, 3, 18), "18-49"),
        (date(1972, 3, 17), "50-65"),
        (date(1956, 3, 18), "50-65"),
        (date(1956, 3, 17), "66-79"),
        (date(1942, 3, 18), "66-79"),
        (date(1942, 3, 17), "80+"),
        (date(1900, 1, 1), "80+"),
    ],
)
def test_the_band_changes_on_the_birthday(born: date, band: str) -> None:
    assert age_band(born, None, date(2022, 3, 17)) == band


def test_a_birth_year_between_two_bands_gives_the_older() -> None:
    assert age_band(None, 1956, date(2022, 3, 17)) == "66-79"


def test_the_band_of_an_unknown_birth_says_so() -> None:
    assert age_band(None, None, date(2022, 3, 17)) == "unknown"
