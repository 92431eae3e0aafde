import math
from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.triage.sample import COVID, DENGUE, ON, a_report, with_vitals
from triage.faults import Fault, check_in_faults, faults


def found(on: date = ON, **changes: Any) -> list[tuple[tuple[str | int, ...], str]]:
    return [(fault.path, fault.code) for fault in faults(a_report(**changes), COVID, on)]


def test_a_plain_report_has_no_fault() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"birth_date": None}, ("birth_date",), "ONE_OF"),
        ({"birth_year": 1982}, ("birth_date",), "ONE_OF"),
        ({"birth_date": date(1899, 12, 31)}, ("birth_date",), "OUT_OF_BOUNDS"),
        ({"birth_date": None, "birth_year": 1899}, ("birth_year",), "OUT_OF_BOUNDS"),
        ({"birth_date": None, "birth_year": 2023}, ("birth_year",), "IN_FUTURE"),
        ({"sex": None}, ("sex",), "REQUIRED"),
        ({"sex": "male", "pregnant": True}, ("pregnant",), "NOT_APPLICABLE"),
        ({"sex": "MALE", "breastfeeding": True}, ("breastfeeding",), "NOT_APPLICABLE"),
        ({"test_kind": None}, ("test", "kind"), "REQUIRED"),
        ({"test_kind": "ns1"}, ("test", "kind"), "UNKNOWN_CODE"),
        ({"test_on": None}, ("test", "taken_on"), "REQUIRED"),
        ({"test_on": date(2022, 3, 18)}, ("test", "taken_on"), "IN_FUTURE"),
        ({"test_on": date(2022, 3, 11)}, ("test", "taken_on"), "TEST_OUTSIDE_WINDOW"),
        ({"birth_date": date(2022, 3, 17), "onset_on": None}, ("test", "taken_on"), "BEFORE_BIRTH"),
        ({"onset_on": date(2022, 3, 18)}, ("onset_on",), "IN_FUTURE"),
        ({"birth_date": date(2022, 3, 16)}, ("onset_on",), "BEFORE_BIRTH"),
        ({"birth_date": None, "birth_year": 2022, "onset_on": date(2021, 12, 31)}, ("onset_on",), "BEFORE_BIRTH"),
        ({"vaccine_doses": -1}, ("vaccine_doses",), "OUT_OF_BOUNDS"),
        ({"vaccine_doses": 11}, ("vaccine_doses",), "OUT_OF_BOUNDS"),
        ({"symptoms": ("cough", "abdominal_pain")}, ("symptoms", 1), "UNKNOWN_CODE"),
        ({"symptoms": ("cough", "fever", "cough")}, ("symptoms", 2), "DUPLICATE_CODE"),
        ({"conditions": ("Diabetes",)}, ("conditions", 0), "UNKNOWN_CODE"),
        ({"conditions": ("hiv", "hiv")}, ("conditions", 1), "DUPLICATE_CODE"),
        ({"vitals": with_vitals(spo2=300)}, ("vitals", "spo2"), "OUT_OF_BOUNDS"),
        ({"vitals": with_vitals(spo2=49)}, ("vitals", "spo2"), "OUT_OF_BOUNDS"),
        ({"vitals": with_vitals(spo2=95.5)}, ("vitals", "spo2"), "NOT_WHOLE"),
        ({"vitals": with_vitals(spo2=True)}, ("vitals", "spo2"), "NOT_A_NUMBER"),
        ({"vitals": with_vitals(pulse=10**400)}, ("vitals", "pulse"), "OUT_OF_BOUNDS"),
        ({"vitals": with_vitals(temperature=math.nan)}, ("vitals", "temperature"), "NOT_A_NUMBER"),
        ({"vitals": with_vitals(temperature=math.inf)}, ("vitals", "temperature"), "NOT_A_NUMBER"),
        ({"vitals": with_vitals(temperature=-math.inf)}, ("vitals", "temperature"), "NOT_A_NUMBER"),
        ({"vitals": with_vitals(glucose=5)}, ("vitals", "glucose"), "UNKNOWN_CODE"),
        (
            {"vitals": with_vitals(fever_responds_to_medicine=1)},
            ("vitals", "fever_responds_to_medicine"),
            "NOT_A_BOOLEAN",
        ),
        ({"vitals": with_vitals(diastolic=121)}, ("vitals", "diastolic"), "DIASTOLIC_ABOVE_SYSTOLIC"),
    ],
)
def test_each_fault_is_found_alone_with_its_path_and_code(
    changes: dict[str, Any], path: tuple[str | int, ...], code: str
) -> None:
    assert found(**changes) == [(path, code)]


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": date(1900, 1, 1)},
        {"birth_date": None, "birth_year": 1900},
        {"birth_date": date(2022, 3, 15)},
        {"birth_date": None, "birth_year": 2022},
        {"test_on": ON},
        {"test_on": date(2022, 3, 12)},
        {"onset_on": ON},
        {"onset_on": None},
        {"vaccine_doses": 0},
        {"vaccine_doses": 10},
        {"vaccine_doses": None},
        {"sex": "male", "pregnant": False, "breastfeeding": False},
        {"pregnant": True, "breastfeeding": True},
        {"symptoms": ()},
        {"vitals": {}},
        {"vitals": with_vitals(spo2=100.0)},
        {"vitals": with_vitals(spo2=50)},
        {"vitals": {"systolic": 120, "diastolic": 120}},
        {"vitals": {"diastolic": 120}},
    ],
)
def test_what_lies_just_inside_the_bounds_is_accepted(changes: dict[str, Any]) -> None:
    assert found(**changes) == []


def test_a_birth_in_the_future_is_refused() -> None:
    assert found(birth_date=ON + timedelta(days=1)) == [(("birth_date",), "IN_FUTURE")]


def test_nobody_is_older_than_130_years() -> None:
    late = date(2050, 6, 1)
    changes = {"test_on": late, "onset_on": None}
    assert found(late, birth_date=date(1919, 12, 31), **changes) == [(("birth_date",), "OUT_OF_BOUNDS")]
    assert found(late, birth_date=date(1920, 1, 1), **changes) == []


def test_all_faults_are_told_at_once() -> None:
    report = a_report(
        birth_date=None,
        test_kind="x",
        test_on=date(2022, 3, 1),
        symptoms=("x", "y"),
        vitals={"spo2": 300, "pulse": math.nan},
    )
    assert [fault.path for fault in faults(report, COVID, ON)] == [
        ("birth_date",),
        ("test", "kind"),
        ("test", "taken_on"),
        ("symptoms", 0),
        ("symptoms", 1),
        ("vitals", "spo2"),
        ("vitals", "pulse"),
    ]


def test_a_fault_carries_what_its_message_needs() -> None:
    assert faults(a_report(vitals=with_vitals(spo2=300)), COVID, ON) == (
        Fault(("vitals", "spo2"), "OUT_OF_BOUNDS", {"minimum": 50, "maximum": 100, "unit": "%"}),
    )
    (late,) = faults(a_report(test_on=date(2022, 3, 1)), COVID, ON)
    assert late.values == {"earliest": date(2022, 3, 12), "latest": ON}


def test_the_words_are_those_of_the_protocol() -> None:
    report = a_report(symptoms=("abdominal_pain",), test_kind="ns1")
    assert faults(report, DENGUE, ON) == ()


def test_a_check_in_is_not_asked_for_person_and_test_again() -> None:
    report = a_report(birth_date=None, sex=None, test_kind=None, test_on=None, vitals=with_vitals(spo2=300))
    assert [fault.path for fault in check_in_faults(report, COVID, ON)] == [("vitals", "spo2")]
