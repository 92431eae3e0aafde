"""An independent recount of drawn people: what must come out, by the published rule and by nothing of the triage's.

It reads only what is sent, never how it was drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from simulation.household import Household, Person

_SEVERE = {"fatigue", "dyspnoea", "chest_pain"}
_RED = {"dyspnoea", "chest_pain"}
_OVER = 65


@dataclass(slots=True)
class Tally:
    """How many people, and how many of them of each kind; `red` and `amber` add up to `severe`."""

    declared: int = 0
    severe: int = 0
    high_risk: int = 0
    red: int = 0
    amber: int = 0

    @property
    def alerts(self) -> int:
        """One for each kind."""
        return self.severe + self.high_risk

    def add(self, person: Person, day: date) -> None:
        """Counts a person who was reported on a day."""
        signs = _SEVERE.intersection(person.symptoms)
        red = bool(signs & _RED)
        self.declared += 1
        self.severe += bool(signs)
        self.red += red
        self.amber += bool(signs) and not red
        self.high_risk += bool(person.conditions) and _over_65(person, day)


@dataclass(slots=True)
class Expected:
    """What is expected of the whole, of each area (ward, district) by its identity, and of each day."""

    whole: Tally = field(default_factory=Tally)
    areas: dict[str, Tally] = field(default_factory=dict)
    days: dict[date, Tally] = field(default_factory=dict)


def recount(households: Iterable[Household]) -> Expected:
    """Counts the drawn people anew."""
    expected = Expected()
    for household in households:
        ward = expected.areas.setdefault(household.ward.id, Tally())
        district = expected.areas.setdefault(household.ward.district_id, Tally())
        day = expected.days.setdefault(household.day, Tally())
        for person in household.people:
            for tally in (expected.whole, ward, district, day):
                tally.add(person, household.day)
    return expected


def _over_65(person: Person, day: date) -> bool:
    """Over 65 in completed years; of a birth year alone it holds if it may hold, so the birthday counts as past."""
    if person.birth_date is None:
        return person.birth_year is not None and day.year - person.birth_year > _OVER
    birthday_66 = (person.birth_date.year + _OVER + 1, person.birth_date.month, person.birth_date.day)
    return birthday_66 <= (day.year, day.month, day.day)
