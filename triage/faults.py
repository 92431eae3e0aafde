"""Validating what one person declared: every fault at once, each with its path, so that a form can mark all of them."""

import math
from collections.abc import Iterator
from datetime import date

from triage.fault import Fault
from triage.report import Report
from triage.rules import Protocol
from triage.words import VitalWord

__all__ = ["Fault", "check_in_faults", "faults"]

EARLIEST_YEAR = 1900
OLDEST_YEARS = 130
MALE = "male"


def faults(report: Report, protocol: Protocol, on: date) -> tuple[Fault, ...]:
    """All faults of a declared report on the day `on`, by the words and bounds of the protocol; empty where it is fine.

    Paths follow the input: ("birth_date",), ("test", "taken_on"), ("symptoms", 2), ("vitals", "spo2").
    """
    return tuple(
        fault
        for part in (
            birth_faults(report, on),
            _sex_faults(report),
            _test_faults(report, protocol, on),
            _onset_faults(report, on),
            _dose_faults(report, protocol),
            _sign_faults(report, protocol),
        )
        for fault in part
    )


def check_in_faults(report: Report, protocol: Protocol, on: date) -> tuple[Fault, ...]:
    """The faults of a follow-up report: only what a check-in asks anew, as person and test are known from before."""
    return (*_onset_faults(report, on), *_sign_faults(report, protocol))


def birth_faults(report: Report, on: date) -> Iterator[Fault]:
    """What can be wrong with a birth date or year, of which a report has one."""
    if (report.birth_date is None) == (report.birth_year is None):
        yield Fault(("birth_date",), "ONE_OF", {"fields": ["birth_date", "birth_year"]})
    earliest = max(EARLIEST_YEAR, on.year - OLDEST_YEARS)
    if report.birth_date is not None:
        if report.birth_date > on:
            yield Fault(("birth_date",), "IN_FUTURE", {"latest": on})
        elif report.birth_date.year < earliest:
            yield Fault(("birth_date",), "OUT_OF_BOUNDS", {"minimum": date(earliest, 1, 1), "maximum": on})
    if report.birth_year is not None:
        if report.birth_year > on.year:
            yield Fault(("birth_year",), "IN_FUTURE", {"latest": on.year})
        elif report.birth_year < earliest:
            yield Fault(("birth_year",), "OUT_OF_BOUNDS", {"minimum": earliest, "maximum": on.year})


def _sex_faults(report: Report) -> Iterator[Fault]:
    if report.sex is None:
        yield Fault(("sex",), "REQUIRED")
    elif report.sex.lower() == MALE:
        # A plain "no" is harmless: forms send it without being asked.
        if report.pregnant:
            yield Fault(("pregnant",), "NOT_APPLICABLE", {"sex": report.sex})
        if report.breastfeeding:
            yield Fault(("breastfeeding",), "NOT_APPLICABLE", {"sex": report.sex})


def _test_faults(report: Report, protocol: Protocol, on: date) -> Iterator[Fault]:
    if report.test_kind is None:
        yield Fault(("test", "kind"), "REQUIRED")
    elif report.test_kind not in protocol.test_codes:
        yield Fault(("test", "kind"), "UNKNOWN_CODE", {"code": report.test_kind})
    path = ("test", "taken_on")
    if report.test_on is None:
        yield Fault(path, "REQUIRED")
    elif report.test_on > on:
        yield Fault(path, "IN_FUTURE", {"latest": on})
    elif on - report.test_on > protocol.declaring_window:
        earliest = on - protocol.declaring_window
        yield Fault(path, "TEST_OUTSIDE_WINDOW", {"earliest": earliest, "latest": on})
    elif _before_birth(report.test_on, report, on):
        yield Fault(path, "BEFORE_BIRTH")


def _onset_faults(report: Report, on: date) -> Iterator[Fault]:
    if report.onset_on is None:
        return
    if report.onset_on > on:
        yield Fault(("onset_on",), "IN_FUTURE", {"latest": on})
    elif _before_birth(report.onset_on, report, on):
        yield Fault(("onset_on",), "BEFORE_BIRTH")


def _before_birth(day: date, report: Report, on: date) -> bool:
    """Never for a birth in the future: that is one fault, and the other dates are not to blame for it."""
    if report.birth_date is not None:
        return day < report.birth_date <= on
    return report.birth_year is not None and day.year < report.birth_year <= on.year


def _dose_faults(report: Report, protocol: Protocol) -> Iterator[Fault]:
    doses = report.vaccine_doses
    if doses is not None and not 0 <= doses <= protocol.max_vaccine_doses:
        yield Fault(("vaccine_doses",), "OUT_OF_BOUNDS", {"minimum": 0, "maximum": protocol.max_vaccine_doses})


def _sign_faults(report: Report, protocol: Protocol) -> Iterator[Fault]:
    yield from _code_faults("symptoms", report.symptoms, protocol.symptom_codes)
    yield from _code_faults("conditions", report.conditions, protocol.condition_codes)
    for code, value in report.vitals.items():
        yield from _vital_faults(code, value, protocol)
    systolic, diastolic = report.vitals.get("systolic"), report.vitals.get("diastolic")
    if systolic is not None and diastolic is not None and diastolic > systolic:
        yield Fault(("vitals", "diastolic"), "DIASTOLIC_ABOVE_SYSTOLIC", {"systolic": systolic})


def _code_faults(field: str, codes: tuple[str, ...], known: frozenset[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, code in enumerate(codes):
        if code not in known:
            yield Fault((field, index), "UNKNOWN_CODE", {"code": code})
        elif code in seen:
            yield Fault((field, index), "DUPLICATE_CODE", {"code": code})
        seen.add(code)


def _vital_faults(code: str, value: float | bool, protocol: Protocol) -> Iterator[Fault]:
    path = ("vitals", code)
    word = protocol.vital_by_code.get(code)
    if word is not None:
        yield from _number_faults(path, value, word)
    elif code not in protocol.answer_codes:
        yield Fault(path, "UNKNOWN_CODE", {"code": code})
    elif not isinstance(value, bool):
        yield Fault(path, "NOT_A_BOOLEAN")


def _number_faults(path: tuple[str, str], value: float | bool, word: VitalWord) -> Iterator[Fault]:
    # Not math.isfinite: it raises for a whole number too large for a float, which bounds below refuse well enough.
    if isinstance(value, bool) or value != value or abs(value) == math.inf:
        yield Fault(path, "NOT_A_NUMBER")
    elif not word.minimum <= value <= word.maximum:
        yield Fault(path, "OUT_OF_BOUNDS", {"minimum": word.minimum, "maximum": word.maximum, "unit": word.unit})
    elif word.whole and value != int(value):
        yield Fault(path, "NOT_WHOLE")
