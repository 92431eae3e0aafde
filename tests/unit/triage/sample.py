"""What the tests of triage start from: the bundled protocols, and a report with nothing wrong in it."""

from dataclasses import replace
from datetime import date
from typing import Any

from triage.protocol import Protocol, bundled, bundled_texts
from triage.report import Report

ON = date(2022, 3, 17)

PROTOCOLS = {protocol.version: protocol for protocol in bundled()}
EARLY: Protocol = PROTOCOLS["covid19-hcmc-2022-03-12"]
COVID: Protocol = PROTOCOLS["covid19-hcmc-2022-03-17"]
DENGUE: Protocol = PROTOCOLS["dengue-vn-2023"]
COVID_TEXT = next(text for text in bundled_texts() if 'version = "covid19-hcmc-2022-03-17"' in text)

# Every vital given and healthy for an adult, so that nothing is left undecided.
HEALTHY: dict[str, float | bool] = {
    "spo2": 98,
    "temperature": 37.0,
    "fever_hours": 0,
    "fever_responds_to_medicine": True,
    "respiratory_rate": 16,
    "pulse": 80,
    "systolic": 120,
    "diastolic": 80,
}

_PLAIN = Report(
    birth_date=date(1982, 5, 4),
    sex="female",
    test_kind="rapid_antigen",
    test_on=date(2022, 3, 16),
    symptoms=("cough",),
    onset_on=date(2022, 3, 15),
    vaccine_doses=2,
    vitals=HEALTHY,
)


def a_report(**changes: Any) -> Report:
    """A valid report of a woman of 39 with a cough and healthy vitals, with these fields changed."""
    return replace(_PLAIN, **changes)


def with_vitals(**vitals: float | bool) -> dict[str, float | bool]:
    """Healthy vitals with these changed."""
    return {**HEALTHY, **vitals}


def changed(text: str, old: str, new: str) -> tuple[str, int]:
    """The text with the only place that says `old` saying `new`, and the line on which that begins."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the file"
    return text.replace(old, new), text[: text.index(old)].count("\n") + 1
