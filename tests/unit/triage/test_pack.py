from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.triage.sample import COVID, COVID_TEXT, DENGUE, EARLY, a_report, changed, with_vitals
from triage.check import check
from triage.pack import Pack, refusals

ON = date(2022, 3, 17)
MAY: dict[str, Any] = {"pregnant": False, "breastfeeding": False}


def pack(code: str) -> Pack:
    found = COVID.pack(code)
    assert found is not None
    return found


A, B, C = pack("a"), pack("b"), pack("c")


def codes(
    of: Pack, *, doctor: bool = False, consent: bool = True, given_on: date | None = None, **report: Any
) -> set[str]:
    found = refusals(of, a_report(**{**MAY, **report}), ON, doctor=doctor, consent=consent, given_on=given_on)
    return {one.code for one in found}


def test_pack_a_is_for_anybody() -> None:
    assert codes(A, consent=False, pregnant=True, birth_date=date(2021, 1, 1), onset_on=None, vitals={}) == set()


def test_pack_b_is_given_by_doctors_alone() -> None:
    assert codes(B) == {"doctor_only"}
    assert codes(B, doctor=True) == set()


def test_pack_c_is_given_to_whoever_meets_every_condition() -> None:
    assert codes(C) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"birth_date": date(2004, 3, 18)}, "under_18"),
        ({"pregnant": True}, "pregnant"),
        ({"breastfeeding": True}, "breastfeeding"),
        ({"onset_on": ON - timedelta(days=6)}, "onset_too_long_ago"),
        ({"onset_on": None}, "onset_unknown"),
        ({"vitals": with_vitals(spo2=93)}, "severe"),
        ({"vitals": with_vitals(respiratory_rate=26)}, "severe"),
        ({"consent": False}, "consent_missing"),
        ({"given_on": ON - timedelta(days=4)}, "already_given"),
    ],
    ids=str,
)
def test_pack_c_is_refused_for_each_reason_of_its_own(changes: dict[str, Any], code: str) -> None:
    assert codes(C, **changes) == {code}


def test_the_last_day_that_counts_is_still_in_time() -> None:
    assert (
        codes(C, birth_date=date(2004, 3, 17), onset_on=ON - timedelta(days=5), given_on=ON - timedelta(days=5))
        == set()
    )
    assert codes(C, vitals=with_vitals(spo2=94, respiratory_rate=25)) == set()


@pytest.mark.parametrize(
    ("changes", "code", "missing"),
    [
        ({"pregnant": None}, "pregnant", ("pregnant",)),
        ({"breastfeeding": None}, "breastfeeding", ("breastfeeding",)),
        ({"birth_date": None}, "under_18", ("birth_date",)),
        ({"vitals": {"spo2": 97}}, "severe", ("respiratory_rate",)),
        ({"vitals": {}}, "severe", ("spo2", "respiratory_rate")),
    ],
    ids=str,
)
def test_what_is_not_known_refuses_and_says_what_to_ask(
    changes: dict[str, Any], code: str, missing: tuple[str, ...]
) -> None:
    (found,) = refusals(C, a_report(**{**MAY, **changes}), ON, doctor=False, consent=True)
    assert (found.code, found.missing) == (code, missing)
    assert found.text.vi.startswith("Chưa loại trừ được: ")
    assert found.text.en.startswith("This is not ruled out: ")


def test_a_man_is_not_asked_whether_he_is_pregnant() -> None:
    assert codes(C, sex="male", pregnant=None, breastfeeding=None) == set()


def test_somebody_who_may_be_seventeen_by_the_year_is_refused() -> None:
    assert codes(C, birth_date=None, birth_year=2004) == {"under_18"}
    assert codes(C, birth_date=None, birth_year=2003) == set()


def test_every_reason_is_given_at_once_in_both_languages() -> None:
    girl = a_report(birth_date=date(2006, 1, 1), pregnant=True, onset_on=date(2022, 3, 10))
    found = {one.code: one.text for one in refusals(C, girl, ON, doctor=False, consent=False)}
    assert set(found) == {"consent_missing", "onset_too_long_ago", "under_18", "pregnant", "breastfeeding"}
    assert found["onset_too_long_ago"].vi == "Triệu chứng bắt đầu ngày 10/03/2022, đã quá 5 ngày."
    assert found["onset_too_long_ago"].en == "The symptoms began on 10 March 2022, more than 5 days ago."


def test_the_protocols_of_2022_have_three_packs_and_the_sample_none() -> None:
    assert [[one.code for one in protocol.packs] for protocol in (EARLY, COVID, DENGUE)] == [
        list("abc"),
        list("abc"),
        [],
    ]
    assert COVID.pack("d") is None


@pytest.mark.parametrize(
    ("old", "new", "code", "below"),
    [
        ('source = "molnupiravir"', 'source = "hearsay"', "UNKNOWN_SOURCE", 0),
        ('source = "molnupiravir"', "", "MISSING_SOURCE", -5),
        ("course_days = 3", "course_days = 0", "OUT_OF_RANGE", 0),
        ("course_days = 3", "", "MISSING_KEY", -8),
        ("course_days = 3", "course_days = 3\nfor_days = 3", "UNKNOWN_KEY", 1),
        ('code = "b"\nvi', 'code = "a"\nvi', "DUPLICATE_CODE", -1),
        ('code = "breastfeeding"', 'code = "pregnant"', "DUPLICATE_CODE", -1),
        ("when.breastfeeding = true", "when.breastfeeding = false", "UNKNOWN_CHOICE", 0),
        ("when.age.under_years = 18", "when.vital.spo2.below = 50", "NEVER_HOLDS", 0),
        ("when.age.under_years = 18", "when = {}", "ALWAYS_HOLDS", 0),
        ("{ vital.spo2.below = 94 }", "{ vital.glucose.below = 94 }", "UNKNOWN_WORD", 0),
        ('content = { vi = "Molnupiravir', 'content = { vn = "Molnupiravir', "MISSING_TEXT", 0),
    ],
)
def test_a_slip_in_a_pack_is_found_on_its_line(old: str, new: str, code: str, below: int) -> None:
    text, line = changed(COVID_TEXT, old, new)
    assert (line + below, code) in {(one.line, one.code) for one in check(text)}


def test_a_pack_without_conditions_can_be_written() -> None:
    assert refusals(replace(C, unless=(), onset_within_days=None), a_report(), ON, doctor=False, consent=True) == ()
