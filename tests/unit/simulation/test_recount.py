"""The recount's own rule, by a table: it must not depend on how people were drawn."""

from datetime import UTC, date, datetime

import pytest

from simulation.household import Household, Person
from simulation.recount import recount
from tests.unit.simulation.wards import FEW

DAY = date(2022, 3, 18)


def person(
    *, born: date | None = None, year: int | None = None, symptoms: tuple[str, ...] = (), ill: bool = True
) -> Person:
    """Somebody with what the rule looks at."""
    conditions = ("diabetes",) if ill else ()
    return Person("Lê Thị Lan", "female", "self", born, year, None, symptoms, None, conditions, "pcr", DAY, None, None)


def of(*people: Person) -> Household:
    """A household of these people."""
    return Household(0, FEW[0], datetime(2022, 3, 18, 3, tzinfo=UTC), DAY, "+84950000000", "1 đường Ví Dụ", people)


@pytest.mark.parametrize(
    ("one", "high_risk"),
    [
        (person(born=date(1956, 3, 18)), True),
        (person(born=date(1956, 3, 19)), False),
        (person(born=date(1956, 3, 18), ill=False), False),
        (person(year=1956), True),
        (person(year=1957), False),
        (person(year=1940, ill=False), False),
    ],
)
def test_over_65_with_a_condition_is_high_risk(one: Person, high_risk: bool) -> None:
    assert recount([of(one)]).whole.high_risk == int(high_risk)


@pytest.mark.parametrize(
    ("symptoms", "red", "amber"),
    [
        (("fatigue",), 0, 1),
        (("fatigue", "dyspnoea"), 1, 0),
        (("chest_pain", "dyspnoea"), 1, 0),
        (("cough", "fever"), 0, 0),
        ((), 0, 0),
    ],
)
def test_three_symptoms_are_severe_and_two_of_them_red(symptoms: tuple[str, ...], red: int, amber: int) -> None:
    whole = recount([of(person(year=1990, symptoms=symptoms))]).whole
    assert (whole.red, whole.amber, whole.severe) == (red, amber, red + amber)


def test_who_is_both_counts_for_two_alerts_in_ward_and_district() -> None:
    expected = recount([of(person(year=1940, symptoms=("fatigue",)), person(year=2000))])
    assert expected.whole.alerts == 2
    assert expected.areas[FEW[0].id] == expected.areas[FEW[0].district_id] == expected.days[DAY] == expected.whole
