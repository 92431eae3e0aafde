from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.unit.triage.sample import COVID, COVID_TEXT, DENGUE, EARLY, PROTOCOLS
from triage.check import check
from triage.protocol import ProtocolError, bundled_texts, in_force, load
from triage.response import LEVELS
from triage.rules import Protocol

ALL = list(PROTOCOLS.values())


@pytest.mark.parametrize("text", bundled_texts())
def test_every_bundled_file_is_in_order_beside_the_others(text: str) -> None:
    assert check(text, ALL) == []


@pytest.mark.parametrize(
    ("disease", "on", "version"),
    [
        ("covid19", date(2022, 3, 10), None),
        ("covid19", date(2022, 3, 11), "covid19-hcmc-2022-03-12"),
        ("covid19", date(2022, 3, 16), "covid19-hcmc-2022-03-12"),
        ("covid19", date(2022, 3, 17), "covid19-hcmc-2022-03-17"),
        ("covid19", date(2030, 1, 1), "covid19-hcmc-2022-03-17"),
        ("dengue", date(2023, 7, 3), None),
        ("dengue", date(2023, 7, 4), "dengue-vn-2023"),
        ("measles", date(2023, 7, 4), None),
    ],
)
def test_the_protocol_in_force_is_that_of_the_disease_and_the_day(disease: str, on: date, version: str | None) -> None:
    found = in_force(ALL, disease, on)
    assert (found and found.version) == version


def test_a_successor_takes_over_from_one_without_an_end() -> None:
    successor = replace(COVID, version="next", valid_from=date(2022, 6, 1))
    assert in_force([COVID, successor], "covid19", date(2022, 5, 31)) is COVID
    assert in_force([successor, COVID], "covid19", date(2022, 6, 1)) is successor


@pytest.mark.parametrize(
    ("kind", "danger", "level", "minutes"),
    [
        ("SEVERE", "RED", "station", 5),
        ("SEVERE", "RED", "medical_centre", 15),
        ("SEVERE", "RED", "city", 30),
        ("SEVERE", "AMBER", "station", 30),
        ("SEVERE", "AMBER", "medical_centre", 120),
        ("HIGH_RISK", None, "station", 240),
        ("HIGH_RISK", "RED", "station", 240),
        ("MISSED_CHECK_IN", None, "station", 240),
    ],
)
@pytest.mark.parametrize("protocol", [EARLY, COVID])
def test_each_alert_is_due_as_the_file_says(
    protocol: Protocol, kind: str, danger: str | None, level: str, minutes: int
) -> None:
    assert protocol.response_due(kind, danger, level) == timedelta(minutes=minutes)


def test_an_alert_that_the_protocol_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError):
        COVID.response_due("SEVERE", None, "station")
    with pytest.raises(KeyError):
        COVID.response_due("SEVERE", "RED", "ministry")


def test_an_unanswered_alert_climbs_to_the_city_and_no_further() -> None:
    assert [COVID.next_level(level) for level in LEVELS] == ["medical_centre", "city", None]
    with pytest.raises(ValueError, match="not in tuple"):
        COVID.next_level("ministry")


@pytest.mark.parametrize(
    ("danger", "high_risk", "key"),
    [
        ("RED", True, "RED"),
        ("AMBER", True, "AMBER"),
        ("AMBER", False, "AMBER"),
        (None, True, "HIGH_RISK"),
        (None, False, "OTHERWISE"),
    ],
)
def test_the_advice_is_that_of_the_greatest_danger(danger: str | None, high_risk: bool, key: str) -> None:
    assert COVID.advice_for(danger, high_risk) == COVID.advice[key]
    assert COVID.advice[key].vi != COVID.advice[key].en


def test_a_protocol_says_what_a_form_needs() -> None:
    spo2 = COVID.vital_by_code["spo2"]
    assert (spo2.unit, spo2.minimum, spo2.maximum, spo2.whole) == ("%", 50, 100, True)
    assert COVID.answer_codes == {"fever_responds_to_medicine"}
    assert COVID.test_codes == {"rapid_antigen", "pcr"}
    assert len(COVID.symptoms) == 18
    assert len(COVID.conditions) == 16
    assert DENGUE.test_codes >= {"ns1", "igm"}


def test_the_two_protocols_of_march_differ_in_high_risk_and_sources_only() -> None:
    assert (EARLY.symptoms, EARLY.conditions, EARLY.tests, EARLY.vitals, EARLY.responses, EARLY.isolation) == (
        COVID.symptoms,
        COVID.conditions,
        COVID.tests,
        COVID.vitals,
        COVID.responses,
        COVID.isolation,
    )
    early = {(criterion.code, criterion.danger, criterion.when) for criterion in EARLY.criteria}
    later = {(criterion.code, criterion.danger, criterion.when) for criterion in COVID.criteria}
    assert {code for code, _, _ in early ^ later} == {"age_or_condition", "age_and_condition"}


def test_the_declaring_window_is_five_days_or_hours_as_the_file_says() -> None:
    assert COVID.declaring_window == timedelta(days=5)
    shorter = COVID_TEXT.replace("window_days = 5", "window_hours = 48")
    assert load(shorter).declaring_window == timedelta(hours=48)


def test_a_stored_code_finds_its_criterion_again() -> None:
    criterion = COVID.criterion("spo2_low")
    assert criterion is not None
    assert criterion.text.en == "SpO2 below 96 %"
    assert COVID.criterion("no_such") is None


def test_a_protocol_equals_itself_read_again() -> None:
    assert load(COVID_TEXT) == COVID
    assert hash(load(COVID_TEXT)) == hash(COVID)


def test_a_refused_file_says_the_first_line_and_how_many_more() -> None:
    text = COVID_TEXT.replace("retention_days = 365", "").replace("max_people = 10", "max_people = 0")
    with pytest.raises(ProtocolError, match=r"^line 1: 'retention_days' is missing \(and 1 more\)$") as refused:
        load(text)
    assert [finding.code for finding in refused.value.findings] == ["MISSING_KEY", "OUT_OF_RANGE"]
