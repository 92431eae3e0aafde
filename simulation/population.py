"""The people of the replay, from a seed: how many, where, when, of which age and with what, to the person exact."""

import random
from collections.abc import Sequence
from datetime import date, datetime

from simulation.birth import OLD, Birth, draw_birth, draw_old_birth
from simulation.calendar_of_march import ZONE, draw_moments
from simulation.household import Household, Person
from simulation.illness import condition_share, draw_conditions, draw_onset, draw_symptoms, draw_test_day
from simulation.names import Name, draw_names
from simulation.quota import Quota, draw_marks
from simulation.ward import Ward, ward_weights

_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
_SIZE_WEIGHTS = (380, 240, 160, 120, 60, 20, 10, 5, 3, 2)
_PHONES = 10_000_000
_CAN_BEAR = range(18, 46)


def draw_households(seed: int, wanted: Quota, wards: Sequence[Ward]) -> list[Household]:
    """The households in the order in which they declare. The same seed, quota and wards give the same people.

    Raises ValueError where there is nobody or no ward.
    """
    if wanted.declared < 1 or not wards:
        raise ValueError("a replay needs at least one person and one ward")
    # A text, not a sum: seeds next to each other must not share a stream.
    draw = random.Random(f"khaibao {seed} {wanted.declared}")
    sizes = _draw_sizes(wanted.declared, draw)
    severe, high_risk = draw_marks(wanted, draw)
    moments = draw_moments(len(sizes), draw)
    places = draw.choices(wards, ward_weights(wards, draw), k=len(sizes))
    first_phone = draw.randrange(_PHONES)
    households = []
    person = 0
    for number, (size, moment, ward) in enumerate(zip(sizes, moments, places, strict=True)):
        marks = [(index in severe, index in high_risk) for index in range(person, person + size)]
        person += size
        phone = f"+8495{(first_phone + number) % _PHONES:07d}"
        households.append(_draw_household(number, moment, ward, phone, marks, draw))
    return households


def _draw_sizes(people: int, draw: random.Random) -> list[int]:
    sizes = []
    while people:
        sizes.append(min(draw.choices(_SIZES, _SIZE_WEIGHTS)[0], people))
        people -= sizes[-1]
    return sizes


def _draw_household(
    number: int, moment: datetime, ward: Ward, phone: str, marks: Sequence[tuple[bool, bool]], draw: random.Random
) -> Household:
    day = moment.astimezone(ZONE).date()
    own_age = draw.choices((draw.randint(18, 39), draw.randint(40, 65), draw.randint(66, 80)), (62, 34, 4))[0]
    names = draw_names(len(marks), draw)
    people = [
        _draw_person(place, own_age, name, severe, high_risk, day, draw)
        for place, (name, (severe, high_risk)) in enumerate(zip(names, marks, strict=True))
    ]
    # An address that cannot be taken for somebody's: there is no street called "example".
    street = f"{draw.randint(1, 400)}/{draw.randint(1, 60)} đường Ví Dụ"
    return Household(number, ward, moment, day, phone, street, tuple(people))


def _draw_person(
    place: int, own_age: int, name: Name, severe: bool, high_risk: bool, day: date, draw: random.Random
) -> Person:
    sex = name.sex
    relation, birth = _draw_place(place, own_age, high_risk, day, draw)
    age = birth.greatest_age(day)
    has_condition = high_risk or (age <= OLD and draw.random() < condition_share(age))
    symptoms = draw_symptoms(severe, draw)
    test_on = draw_test_day(day, draw)
    return Person(
        name=name.text,
        sex=sex,
        relation=relation,
        birth_date=birth.day,
        birth_year=birth.year,
        # No citizen's number begins with 999: the first three digits are a province's, and there are 96 of those.
        national_id=f"999{draw.getrandbits(29):09d}" if age >= 14 and draw.random() < 0.3 else None,
        symptoms=symptoms,
        onset_on=draw_onset(test_on, draw) if symptoms else None,
        conditions=draw_conditions(draw) if has_condition else (),
        test_kind="pcr" if draw.random() < 0.08 else "rapid_antigen",
        test_on=test_on,
        vaccine_doses=draw.choices((0, 1, 2, 3), (6, 4, 40, 50))[0] if age >= 12 else 0,
        pregnant=draw.random() < 0.03 if sex == "female" and age in _CAN_BEAR else None,
    )


def _draw_place(place: int, own_age: int, high_risk: bool, day: date, draw: random.Random) -> tuple[str, Birth]:
    """What somebody is to whom reports, and a birth that fits."""
    if place == 0:
        return "self", draw_old_birth(day, draw) if high_risk else draw_birth(own_age, day, draw)
    if high_risk:
        return ("parent" if own_age < 60 else "spouse"), draw_old_birth(day, draw)
    relation = draw.choices(
        ("spouse", "child", "parent", "sibling", "other"), (30 if place == 1 else 4, 40, 14, 10, 6)
    )[0]
    # Nobody is younger than one year: a test must not lie before the birth.
    years = {
        "spouse": min(95, max(18, own_age + draw.randint(-6, 6))),
        "child": draw.randint(max(1, own_age - 45), max(1, own_age - 18)),
        "parent": min(95, own_age + draw.randint(19, 36)),
        "sibling": max(1, own_age + draw.randint(-10, 10)),
        "other": draw.randint(1, 70),
    }[relation]
    return relation, draw_birth(years, day, draw)
