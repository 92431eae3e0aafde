"""The drawn people: exact to the person, the same for the same seed, and fit to be declared."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import carrier

from simulation.calendar_of_march import FIRST_MOMENT
from simulation.household import Household
from simulation.population import draw_households
from simulation.quota import quota
from simulation.recount import recount
from tests.unit.simulation.wards import FEW, city
from triage.assess import assess
from triage.faults import faults
from triage.protocol import bundled
from triage.report import Report

PROTOCOL = next(one for one in bundled() if one.version == "covid19-hcmc-2022-03-17")

seeds = st.integers(min_value=0, max_value=2**32)
sizes = st.integers(min_value=1, max_value=400)


@pytest.fixture(scope="module")
def march() -> list[Household]:
    """The people of the published eleven days."""
    return draw_households(2022, quota(), city())


def reports(households: list[Household]) -> list[tuple[Household, Report]]:
    """Each person's report as triage is given it."""
    return [
        (
            household,
            Report(
                birth_date=person.birth_date,
                birth_year=person.birth_year,
                sex=person.sex,
                test_kind=person.test_kind,
                test_on=person.test_on,
                symptoms=person.symptoms,
                onset_on=person.onset_on,
                conditions=person.conditions,
                vaccine_doses=person.vaccine_doses,
                pregnant=person.pregnant,
            ),
        )
        for household in households
        for person in household.people
    ]


def test_the_published_figures_come_out_to_the_person(march: list[Household]) -> None:
    whole = recount(march).whole
    assert (whole.declared, whole.severe, whole.high_risk, whole.alerts) == (48_000, 4_342, 731, 5_073)


@given(seed=seeds, people=sizes)
@settings(max_examples=40)
def test_any_seed_and_size_has_exactly_its_quota(seed: int, people: int) -> None:
    wanted = quota(people)
    whole = recount(draw_households(seed, wanted, FEW)).whole
    assert (whole.declared, whole.severe, whole.high_risk) == (people, wanted.severe, wanted.high_risk)
    assert whole.red + whole.amber == whole.severe


@given(seed=seeds, people=sizes)
@settings(max_examples=40)
def test_triage_and_the_recount_judge_alike(seed: int, people: int) -> None:
    households = draw_households(seed, quota(people), FEW)
    judged = [assess(report, household.day, PROTOCOL) for household, report in reports(households)]
    whole = recount(households).whole
    assert sum(one.severe for one in judged) == whole.severe
    assert sum(one.high_risk for one in judged) == whole.high_risk
    assert sum(one.danger == "RED" for one in judged) == whole.red


@given(seed=seeds, people=sizes)
@settings(max_examples=25)
def test_nothing_that_is_drawn_would_be_refused(seed: int, people: int) -> None:
    households = draw_households(seed, quota(people), FEW)
    assert [
        fault for household, report in reports(households) for fault in faults(report, PROTOCOL, household.day)
    ] == []
    for household in households:
        assert len({person.name for person in household.people}) == len(household.people) <= 10
        assert phonenumbers.is_valid_number(phonenumbers.parse(household.phone))


def test_the_same_seed_draws_the_same_people_and_another_seed_others() -> None:
    first, again, other = (draw_households(seed, quota(200), FEW) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_households_come_in_the_order_of_their_moments_within_the_twelve_days(march: list[Household]) -> None:
    moments = [household.moment for household in march]
    assert moments == sorted(moments)
    assert moments[0] >= FIRST_MOMENT
    assert moments[-1] < FIRST_MOMENT + timedelta(days=12)


def test_more_declare_every_day_and_few_by_night(march: list[Household]) -> None:
    days = [tally.declared for _, tally in sorted(recount(march).days.items())]
    assert len(days) == 12
    assert days[0] * 3 < days[-1]
    assert sum(a < b for a, b in pairwise(days)) >= 9
    hours = Counter((household.moment.hour + 7) % 24 for household in march)
    assert hours[3] * 10 < hours[9]


def test_every_ward_has_somebody_and_large_districts_have_most(march: list[Household]) -> None:
    areas = recount(march).areas
    assert all(areas[ward.id].declared > 0 for ward in city())
    assert areas["vn-79-2022-769"].declared > 10 * areas["vn-79-2022-787"].declared


def test_old_people_who_know_only_their_year_are_among_the_high_risk(march: list[Household]) -> None:
    old = [
        person
        for household in march
        for person in household.people
        if person.conditions and person.birth_year and household.day.year - person.birth_year > 65
    ]
    assert len(old) > 50
    assert any(person.birth_year == 1956 for person in old)


def test_no_telephone_number_is_one_that_an_operator_gives_out(march: list[Household]) -> None:
    assert len({household.phone for household in march}) == len(march)
    assert not carrier.name_for_number(phonenumbers.parse(march[0].phone), "en")


def test_nobody_cannot_be_replayed() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        draw_households(1, quota(0), FEW)
    with pytest.raises(ValueError, match="one ward"):
        draw_households(1, quota(1), [])
