import re
from dataclasses import replace
from datetime import date

import pytest

from tests.unit.triage.sample import COVID, COVID_TEXT, DENGUE, EARLY, changed
from triage.check import check
from triage.finding import _MESSAGES
from triage.protocol import Protocol

CRITERION = """
[[criteria]]
code = "extra"
raises = "{raises}"
{danger}vi = "Thêm"
en = "Extra"
source = "home_care"
{when}
"""

# One edit to a file that is in order, and what must be found where the edit begins.
EDITS = [
    ('version = "covid19-hcmc-2022-03-17"', 'version = "Covid 19"', "BAD_CODE"),
    ('version = "covid19-hcmc-2022-03-17"', "version = 17", "WRONG_TYPE"),
    ("valid_from = 2022-03-17", 'valid_from = "2022-03-17"', "WRONG_TYPE"),
    ("valid_from = 2022-03-17", "valid_from = 2022-03-17T08:00:00", "WRONG_TYPE"),
    ("retention_days = 365", "retention_days = true", "WRONG_TYPE"),
    ("retention_days = 365", "retention_days = 0", "OUT_OF_RANGE"),
    ("retention_days = 365", "retention_days = 99999999999999999999", "OUT_OF_RANGE"),
    ("retention_days = 365", "retention_days = 365\nretention_day = 1", "UNKNOWN_KEY"),
    ('{ code = "cough", vi = "Ho", en = "Cough" }', '{ code = "cough", vi = "Ho", en = " " }', "MISSING_TEXT"),
    ('{ code = "cough", vi = "Ho", en = "Cough" }', '{ code = "cough", en = "Cough" }', "MISSING_TEXT"),
    ('{ code = "cough", vi = "Ho", en = "Cough" }', '{ vi = "Ho", en = "Cough" }', "MISSING_KEY"),
    ('unit = "%", minimum = 50, maximum = 100', 'unit = "%", minimum = 100, maximum = 100', "BOUNDS_REVERSED"),
    ('unit = "%", minimum = 50, maximum = 100', 'unit = "%", minimum = nan, maximum = 100', "BOUNDS_REVERSED"),
    ('unit = "%", minimum = 50, maximum = 100', 'unit = "%", minimum = 50, maximum = inf', "BOUNDS_REVERSED"),
    ("when.vital.spo2.below = 96", "when.vital.spo2.below = 300", "THRESHOLD_OUTSIDE_BOUNDS"),
    ("when.vital.spo2.below = 96", "when.vital.spo2.below = nan", "THRESHOLD_OUTSIDE_BOUNDS"),
    ("when.vital.spo2.below = 96", "when.vital.glucose.below = 96", "UNKNOWN_WORD"),
    ("when.vital.spo2.below = 96", "when.vital.spo2.under = 96", "UNKNOWN_KEY"),
    ("when.vital.spo2.below = 96", "when.vital.spo2 = {}", "MISSING_KEY"),
    ("when.vital.spo2.below = 96", "when.vital.spo2 = { below = 80, above = 90 }", "NEVER_HOLDS"),
    ("when.vital.spo2.below = 96", "when.vital.spo2 = { below = 96, above = 95 }", "NEVER_HOLDS"),
    ("when.vital.spo2.below = 96", "when.vital.spo2.below = 50", "NEVER_HOLDS"),
    ("when.vital.spo2.below = 96", "when.answer.sleeps_well = false", "UNKNOWN_WORD"),
    ("when.vital.spo2.below = 96", "when = {}", "ALWAYS_HOLDS"),
    ("when.vital.spo2.below = 96", "when.pregnant = false", "UNKNOWN_CHOICE"),
    ('when.any_symptom = ["cyanosis"]', 'when.any_symptom = ["blue_lips"]', "UNKNOWN_WORD"),
    ('when.any_symptom = ["cyanosis"]', 'when.any_condition = ["cyanosis"]', "UNKNOWN_WORD"),
    ('when.any_symptom = ["cyanosis"]', "when.any_symptom = []", "WRONG_TYPE"),
    ('when.any_symptom = ["cyanosis"]', "when.any = []", "WRONG_TYPE"),
    ("when.age.over_years = 65", "when.age = { over_years = 65, under_years = 12 }", "NEVER_HOLDS"),
    ("when.age.over_years = 65", "when.age = { over_years = 65, under_years = 66 }", "NEVER_HOLDS"),
    ("when.age.over_years = 65", "when.age = { over_years = 65, from_years = 60 }", "WRONG_TYPE"),
    ("when.age.over_years = 65", "when.age.over_years = 140", "NEVER_HOLDS"),
    ('source = "risk_group"', 'source = "hearsay"', "UNKNOWN_SOURCE"),
    ('source = "risk_group"', 'source = ""', "MISSING_SOURCE"),
    ('raises = "high_risk"', 'raises = "high"', "UNKNOWN_CHOICE"),
    ("minutes = { station = 5, medical_centre = 15, city = 30 }", "minutes = { station = 5 }", "MISSING_KEY"),
    (
        "minutes = { station = 5, medical_centre = 15, city = 30 }",
        "minutes = { station = 5, medical_centre = 5, city = 30 }",
        "STEPS_NOT_GROWING",
    ),
    (
        "minutes = { station = 5, medical_centre = 15, city = 30 }",
        "minutes = { station = 30, medical_centre = 31, city = 32 }",
        "RED_SLOWER_THAN_AMBER",
    ),
    ("release_day_positive_vaccinated = 10", "release_day_positive_vaccinated = 6", "RELEASE_NOT_GROWING"),
    ("release_day_positive_unvaccinated = 14", "release_day_positive_unvaccinated = 9", "RELEASE_NOT_GROWING"),
    ('kind = "MISSED_CHECK_IN"', 'kind = "MISSED"', "UNKNOWN_CHOICE"),
    ("[advice.OTHERWISE]", "[advice.ELSE]", "UNKNOWN_KEY"),
]


def found_in(text: str, others: tuple[Protocol, ...] = ()) -> set[tuple[int, str]]:
    return {(finding.line, finding.code) for finding in check(text, others)}


@pytest.mark.parametrize(("old", "new", "code"), EDITS)
def test_an_edit_that_breaks_the_file_is_found_on_its_line(old: str, new: str, code: str) -> None:
    text, line = changed(COVID_TEXT, old, new)
    # An addition stands on the line below what it follows.
    line += new.startswith(f"{old}\n")
    assert (line, code) in found_in(text)


ANSWERED_BOTH_WAYS = """
when.all = [
  { answer.fever_responds_to_medicine = true },
  { answer.fever_responds_to_medicine = false },
]"""


def with_criterion(when: str, raises: str = "severe", danger: str = "RED") -> tuple[str, int]:
    """A file with one more criterion behind the others, and the line on which that begins."""
    extra = CRITERION.format(raises=raises, danger=f'danger = "{danger}"\n' if danger else "", when=when)
    mark = "# Minutes after the alert was raised"
    text, line = changed(COVID_TEXT, mark, extra + mark)
    return text, line + 1


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("when.vital.spo2.below = 0", "NEVER_HOLDS"),
        ("when.vital.spo2.below = 94", "OVERLAPPING_BOUNDS"),
        ("when.vital.spo2 = { at_least = 90, below = 94 }", "OVERLAPPING_BOUNDS"),
        ("when.age.from_years = 70\nwhen.vital.pulse.above = 130", "OVERLAPPING_BOUNDS"),
        ("when.age.under_years = 13\nwhen.vital.respiratory_rate.at_least = 25", "OVERLAPPING_BOUNDS"),
        ("when.age_months = { from = 12, to = 12 }", "NEVER_HOLDS"),
        ("when.all = [{ pregnant = true, age.over_years = 65 }, { age.under_years = 65 }]", "NEVER_HOLDS"),
        (
            "when.all = [{ age.over_years = 65 }, { any = [{ age.under_years = 12 }, { age.under_years = 60 }] }]",
            "NEVER_HOLDS",
        ),
    ],
)
def test_a_criterion_that_contradicts_is_found_on_its_line(when: str, code: str) -> None:
    text, line = with_criterion(when)
    assert (line + 7, code) in found_in(text)


@pytest.mark.parametrize(
    "when",
    [
        "when.vital.pulse = { above = 100, at_most = 110 }",
        "when.age.under_years = 12\nwhen.vital.systolic.below = 60",
        "when.any = [{ age.over_years = 80 }, { age.under_years = 1 }]\nwhen.any_symptom = ['vomiting']",
        "when.vital.spo2.below = 98\nwhen.min_conditions = 1",
        "when.pregnant = true\nwhen.any_condition = ['diabetes', 'hypertension']",
    ],
)
def test_a_further_criterion_that_makes_sense_is_accepted(when: str) -> None:
    assert check(with_criterion(when)[0]) == []


@pytest.mark.parametrize(
    ("when", "hidden"),
    [
        ("when.vital.spo2.below = 94", True),
        ("when.vital.spo2.below = 98", False),
        ("when.any_symptom = ['dyspnoea']", True),
        ("when.age.from_years = 12\nwhen.vital.pulse.above = 130", True),
        ("when.vital.pulse.above = 130", False),
        ("when.age.over_years = 65\nwhen.vital.systolic.below = 90", True),
    ],
)
def test_an_amber_sign_that_red_covers_is_refused(when: str, hidden: bool) -> None:
    text, line = with_criterion(when, danger="AMBER")
    assert ((line + 7, "HIDDEN_BY_RED") in found_in(text)) is hidden


def test_an_answer_cannot_be_both() -> None:
    text, line = with_criterion(ANSWERED_BOTH_WAYS)
    assert found_in(text) == {(line + 8, "NEVER_HOLDS")}


def test_severe_needs_a_danger_and_nothing_else_may_have_one() -> None:
    text, line = with_criterion("when.any_symptom = ['vomiting']", danger="")
    assert (line, "SEVERE_WITHOUT_DANGER") in found_in(text)
    text, line = with_criterion("when.any_symptom = ['vomiting']", raises="high_risk")
    assert (line + 3, "DANGER_WITHOUT_SEVERE") in found_in(text)


def test_a_code_used_twice_is_found_at_its_second_place() -> None:
    text, line = changed(COVID_TEXT, '{ code = "hiv",', '{ code = "cancer",')
    assert found_in(text) == {(line, "DUPLICATE_CODE")}
    text, line = with_criterion("when.any_symptom = ['vomiting']")
    text = text.replace('code = "extra"', 'code = "fatigue"')
    assert found_in(text) == {(line, "DUPLICATE_CODE")}


def test_an_answer_may_not_share_the_code_of_a_vital() -> None:
    text, _ = changed(COVID_TEXT, '{ code = "pulse",', '{ code = "fever_responds_to_medicine",')
    assert "DUPLICATE_CODE" in {code for _, code in found_in(text)}


def test_a_misspelt_key_of_a_condition_is_refused_rather_than_ignored() -> None:
    text, line = changed(COVID_TEXT, 'when.any_symptom = ["cyanosis"]', 'when.any_symptoms = ["cyanosis"]')
    assert found_in(text) == {(line, "UNKNOWN_KEY"), (line, "ALWAYS_HOLDS")}


def test_more_conditions_than_there_are_can_never_be_declared() -> None:
    text, line = changed(COVID_TEXT, "when.min_conditions = 1", "when.min_conditions = 17")
    assert found_in(text) == {(line - 1, "NEVER_HOLDS")}


def test_the_window_is_given_once() -> None:
    text, line = changed(COVID_TEXT, "window_days = 5", "window_days = 5\nwindow_hours = 48")
    assert found_in(text) == {(line - 2, "WINDOW_UNCLEAR")}


def test_a_missing_key_is_found_at_its_table() -> None:
    text, line = changed(COVID_TEXT, "[isolation]", "[isolation]")
    assert found_in(text.replace("missed_check_ins = 1", "")) == {(line, "MISSING_KEY")}


def test_a_file_without_any_severe_criterion_is_refused() -> None:
    text = COVID_TEXT.replace('raises = "severe"', 'raises = "high_risk"')
    text = re.sub(r'\ndanger = "(RED|AMBER)"\nvi', "\nvi", text)
    assert "NO_SEVERE_CRITERION" in {code for _, code in found_in(text)}


@pytest.mark.parametrize(
    ("kind", "first_criterion"),
    [
        ('kind = "SEVERE"\ndanger = "RED"\n', "dyspnoea"),
        ('kind = "SEVERE"\ndanger = "AMBER"\n', "fatigue"),
        ('kind = "HIGH_RISK"\n', "age_and_condition"),
    ],
)
def test_a_danger_without_response_times_is_found_where_it_is_first_used(kind: str, first_criterion: str) -> None:
    text = without_response(kind)
    line = text[: text.index(f'[[criteria]]\ncode = "{first_criterion}"')].count("\n") + 1
    assert found_in(text) == {(line, "NO_RESPONSE")}


def without_response(kind: str) -> str:
    """A file that lacks the response times which begin so."""
    text, cuts = re.subn(rf"\[\[responses\]\]\n{kind}minutes = .*\n", "", COVID_TEXT)
    assert cuts == 1
    return text


def test_a_missed_check_in_needs_response_times_too() -> None:
    text = without_response('kind = "MISSED_CHECK_IN"\n')
    assert {code for _, code in found_in(text)} == {"NO_RESPONSE"}


def test_response_times_are_given_once() -> None:
    text, line = changed(COVID_TEXT, 'kind = "MISSED_CHECK_IN"', 'kind = "HIGH_RISK"')
    assert (line - 1, "DUPLICATE_RESPONSE") in found_in(text)


def test_missing_advice_is_refused() -> None:
    text, line = changed(COVID_TEXT, "[advice.OTHERWISE]", "[advice.ELSE]")
    assert {code for _, code in found_in(text)} == {"UNKNOWN_KEY", "MISSING_KEY", "MISSING_TEXT"}
    assert (line, "UNKNOWN_KEY") in found_in(text)


@pytest.mark.parametrize("end", ["2022-03-17", "2022-03-16"])
def test_validity_ends_after_it_begins(end: str) -> None:
    text, line = changed(COVID_TEXT, "valid_from = 2022-03-17", f"valid_from = 2022-03-17\nvalid_to = {end}")
    assert found_in(text) == {(line + 1, "VALIDITY_REVERSED")}


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (EARLY, False),
        (COVID, False),  # the same version: this file's former text
        (DENGUE, False),
        (replace(EARLY, valid_to=date(2022, 3, 18)), True),
        (replace(EARLY, valid_to=None), False),  # ends where this one begins
        (replace(EARLY, valid_from=date(2022, 3, 17), valid_to=None), True),
        (replace(EARLY, valid_from=date(2022, 4, 1), valid_to=None), False),
        (replace(DENGUE, valid_from=date(2022, 3, 1), valid_to=date(2023, 1, 1)), False),
    ],
)
def test_two_protocols_of_one_disease_do_not_share_a_day(other: Protocol, overlaps: bool) -> None:
    line = changed(COVID_TEXT, "valid_from = 2022-03-17", "")[1]
    assert found_in(COVID_TEXT, (other,)) == ({(line, "VALIDITY_OVERLAPS")} if overlaps else set())


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ("a = [\n1,\n", 3), ("[x\n", 1), ("a = {b}c{0}", 1)],
)
def test_what_is_not_toml_is_told_with_its_line(text: str, line: int) -> None:
    assert found_in(text) == {(line, "SYNTAX")}


def test_an_empty_file_lacks_everything() -> None:
    codes = {code for _, code in found_in("")}
    assert codes == {"MISSING_KEY", "MISSING_TEXT", "WINDOW_UNCLEAR"}


@pytest.mark.parametrize(
    "text",
    [
        "criteria = 1\nsymptoms = [1]\nvitals = {}\nadvice = []\nresponses = [[]]",
        "[[criteria]]\nwhen = 1\n[[criteria]]\nwhen.any = 3\n[[criteria]]\nwhen.vital = 1\nsource = 3",
        "[[criteria]]\nwhen.vital.spo2 = 1\n[[criteria]]\nwhen.answer.x = 1\n[[criteria]]\nwhen.age = []",
        "[[vitals]]\ncode = 1\nminimum = 'a'\n[[responses]]\nminutes = 1\n[isolation]\nrelease_day = 1.5",
        "[criteria]\n[sources]\na = 1\n[declaring]\nwindow_days = 'x'",
    ],
)
def test_any_shape_of_file_is_answered_with_findings(text: str) -> None:
    assert check(text)


def test_a_condition_with_too_many_ways_to_hold_does_not_hang_the_check() -> None:
    choice = "any = [" + ", ".join(f"{{ vital.spo2.below = {value} }}" for value in range(51, 96)) + "]"
    when = "when.all = [" + ", ".join(f"{{ {choice} }}" for _ in range(12)) + "]"
    assert check(with_criterion(when)[0]) is not None


def test_findings_come_in_the_order_of_the_lines_and_say_why_in_both_languages() -> None:
    text = COVID_TEXT.replace("when.vital.spo2.below = 96", "when.vital.glucose.below = 1")
    text = text.replace("retention_days = 365", "retention_days = 0")
    first, second = check(text)
    assert first.line < second.line
    assert second.message_en == "'glucose' is not among this file's vitals"
    assert second.message_vi == "'glucose' không có trong vitals của tệp này"


def test_both_languages_of_a_message_show_the_same_values() -> None:
    for english, vietnamese in _MESSAGES.values():
        names = [set(re.findall(r"{(\w+)", text)) - {"expected", "expected_vi"} for text in (english, vietnamese)]
        assert names[0] == names[1]
