"""A household that declares, as it was drawn."""

from dataclasses import dataclass
from datetime import date, datetime

from simulation.ward import Ward


@dataclass(frozen=True, slots=True)
class Person:
    """An invented ill person. Exactly one of `birth_date` and `birth_year` is set; None means "not said"."""

    name: str
    sex: str
    relation: str
    birth_date: date | None
    birth_year: int | None
    national_id: str | None
    symptoms: tuple[str, ...]
    onset_on: date | None
    conditions: tuple[str, ...]
    test_kind: str
    test_on: date
    vaccine_doses: int | None
    pregnant: bool | None


@dataclass(frozen=True, slots=True)
class Household:
    """One call of `declare`: who reports, from where, when (UTC) and of whom. The first of `people` is who reports."""

    number: int
    ward: Ward
    moment: datetime
    day: date
    phone: str
    street: str
    people: tuple[Person, ...]
