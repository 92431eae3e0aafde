"""Ages in completed months, exact from a birth date or a span of possible ages from a birth year."""

from dataclasses import dataclass
from datetime import date

UNKNOWN_BAND = "unknown"

# First year of each band, oldest first. Public figures use these, so a band must stay wide enough not to name anybody.
_BANDS = ((80, "80+"), (66, "66-79"), (50, "50-65"), (18, "18-49"), (12, "12-17"), (5, "5-11"), (0, "0-4"))


@dataclass(frozen=True, slots=True)
class Age:
    """The least and the greatest age a person may have, in completed months; equal where the birth date is known."""

    months_low: int
    months_high: int


def _completed_months(born: date, on: date) -> int:
    """Months completed by `on`. A day that a month lacks (29 February, the 31st) comes on the first of the next."""
    months = (on.year - born.year) * 12 + on.month - born.month
    return months - 1 if on.day < born.day else months


def age_on(birth_date: date | None, birth_year: int | None, on: date) -> Age | None:
    """The age on the day `on`, or None where neither date nor year is known. The date wins where both are given.

    A birth in the future counts as newborn: the validation refuses it, and triage must answer all the same.
    """
    if birth_date is not None:
        months = max(_completed_months(birth_date, on), 0)
        return Age(months, months)
    if birth_year is None:
        return None
    oldest = (on.year - birth_year) * 12 + on.month - 1
    # Born on 31 December, or today at the latest: nobody ill was born after today.
    youngest = oldest - 11 - (on.day < 31)
    return Age(max(youngest, 0), max(oldest, 0))


def age_band(birth_date: date | None, birth_year: int | None, on: date) -> str:
    """The band of ages shown where the person must not be recognised: "0-4" to "80+", or "unknown".

    A birth year that reaches into two bands gives the older one, as "over 65" holds where it may hold.
    """
    age = age_on(birth_date, birth_year, on)
    if age is None:
        return UNKNOWN_BAND
    years = age.months_high // 12
    return next(name for first, name in _BANDS if years >= first)
