from collections.abc import Mapping

import pytest

from triage.condition import AgeWithin, All, AnyCondition, AnyOf, Condition, Facts, MinConditions, VitalWithin

LOW = VitalWithin("spo2", below=96)
HOT = VitalWithin("temperature", above=39)


def facts(vitals: Mapping[str, float] | None = None, conditions: frozenset[str] = frozenset()) -> Facts:
    return Facts(frozenset(), conditions, vitals or {}, None, None, None)


@pytest.mark.parametrize(
    ("vitals", "all_of", "any_of"),
    [
        ({"spo2": 90, "temperature": 40}, True, True),
        ({"spo2": 90, "temperature": 37}, False, True),
        ({"spo2": 98, "temperature": 37}, False, False),
        ({"spo2": 90}, None, True),
        ({"spo2": 98}, False, None),
        ({}, None, None),
    ],
)
def test_not_known_follows_the_logic_of_three_values(
    vitals: dict[str, float], all_of: bool | None, any_of: bool | None
) -> None:
    assert All((LOW, HOT)).truth(facts(vitals)) is all_of
    assert AnyOf((LOW, HOT)).truth(facts(vitals)) is any_of


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (VitalWithin("spo2", below=95), False),
        (VitalWithin("spo2", below=95.1), True),
        (VitalWithin("spo2", at_most=95), True),
        (VitalWithin("spo2", at_most=94.9), False),
        (VitalWithin("spo2", above=95), False),
        (VitalWithin("spo2", above=94), True),
        (VitalWithin("spo2", at_least=95), True),
        (VitalWithin("spo2", at_least=96), False),
        (VitalWithin("spo2", at_least=94, below=96), True),
    ],
)
def test_bounds_are_open_or_closed_as_they_say(condition: Condition, holds: bool) -> None:
    assert condition.truth(facts({"spo2": 95})) is holds


def test_only_what_is_undecided_is_missing_and_only_once() -> None:
    inner = AnyOf((LOW, VitalWithin("spo2", above=99), HOT))
    assert All((inner, HOT)).missing(facts()) == ("spo2", "temperature")
    assert All((inner, LOW)).missing(facts({"temperature": 37})) == ("spo2",)


def test_the_values_are_those_of_the_parts_that_hold() -> None:
    assert AnyOf((LOW, HOT)).values(facts({"spo2": 98, "temperature": 39.5})) == ("39.5",)


def test_conditions_are_counted_or_named() -> None:
    two = facts(conditions=frozenset({"cancer", "hiv"}))
    assert MinConditions(2).truth(two)
    assert not MinConditions(3).truth(two)
    assert AnyCondition(frozenset({"hiv", "obesity"})).truth(two)
    assert not AnyCondition(frozenset({"obesity"})).truth(two)


def test_an_unknown_age_is_not_known_rather_than_out_of_range() -> None:
    assert AgeWithin(792, None).truth(facts()) is None
    assert AgeWithin(792, None).missing(facts()) == ("birth_date",)
