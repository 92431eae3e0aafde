"""Births of invented people: of which age, and how much of the date they know."""

import random
from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta

OLD = 65
"""Who is over this many completed years, and has an underlying condition, is high-risk."""


@dataclass(frozen=True, slots=True)
class Birth:
    """A birth date, or only its year: exactly one is set."""

    day: date | None
    year: int | None

    def greatest_age(self, on: date) -> int:
        """The most completed years that this person may have on a day."""
        if self.day is not None:
            return completed_years(self.day, on)
        return on.year - (self.year or on.year)


def completed_years(born: date, on: date) -> int:
    """The age in completed years; who was born on 29 February has the birthday on 1 March in other years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def draw_birth(years: int, on: date, draw: random.Random) -> Birth:
    """The birth of somebody of an age in completed years. The old know the date less often."""
    latest = _years_before(on, years)
    earliest = _years_before(on, years + 1) + timedelta(days=1)
    born = earliest + timedelta(days=draw.randrange((latest - earliest).days + 1))
    return _known(born, years, draw)


def draw_old_birth(on: date, draw: random.Random) -> Birth:
    """The birth of somebody who is over 65, or for whom it cannot be ruled out as only the year is known."""
    if draw.random() < 0.03:
        return Birth(None, on.year - OLD - 1)
    years = OLD + 1 + min(int(draw.expovariate(1 / 8)), 30)
    return draw_birth(years, on, draw)


def _known(born: date, years: int, draw: random.Random) -> Birth:
    only_year = draw.random() < (0.25 if years >= 60 else 0.03)
    return Birth(None, born.year) if only_year else Birth(born, None)


def _years_before(on: date, years: int) -> date:
    year = on.year - years
    if (on.month, on.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return on.replace(year=year)
