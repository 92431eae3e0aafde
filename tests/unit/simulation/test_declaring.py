"""The request that a household's phone sends."""

import orjson

from simulation.declaring import declare_body, declare_input
from simulation.population import draw_households
from simulation.quota import quota
from tests.unit.simulation.wards import FEW

HOUSEHOLDS = draw_households(3, quota(60), FEW)


def test_a_request_carries_everybody_and_the_wards_code() -> None:
    for household in HOUSEHOLDS:
        variables = orjson.loads(declare_body(household, "r"))["variables"]["input"]
        assert len(variables["people"]) == len(household.people)
        assert variables["address"]["areaCode"] == household.ward.code


def test_keys_differ_between_households_and_between_replays() -> None:
    keys = {declare_input(household, run)["idempotencyKey"] for household in HOUSEHOLDS for run in ("a", "b")}
    assert len(keys) == 2 * len(HOUSEHOLDS)


def test_each_person_has_a_birth_date_or_a_birth_year() -> None:
    people = [person for household in HOUSEHOLDS for person in declare_input(household, "r")["people"]]
    assert all(("birthDate" in person) != ("birthYear" in person) for person in people)
