from datetime import date

import pytest

from tests.unit.triage.sample import COVID, DENGUE, EARLY, HEALTHY, ON, a_report, with_vitals
from triage.assess import Assessment, Missing, assess
from triage.report import Report
from triage.rules import Protocol

CHILD_RATE_CODES = {
    "breathing_fast_0_1_months",
    "breathing_fast_2_11_months",
    "breathing_fast_1_4_years",
    "breathing_fast_5_11_years",
    "breathing_fast",
}


def codes(assessment: Assessment) -> list[str]:
    return [reason.code for reason in assessment.reasons]


def test_a_healthy_report_is_neither_severe_nor_high_risk() -> None:
    found = assess(a_report(), ON, COVID)
    assert found == Assessment(False, False, None, (), (), "covid19-hcmc-2022-03-17", False)


@pytest.mark.parametrize(
    ("symptom", "danger"),
    [
        ("fatigue", "AMBER"),
        ("dyspnoea", "RED"),
        ("chest_pain", "RED"),
        ("confusion", "RED"),
        ("convulsion", "RED"),
        ("cyanosis", "RED"),
        ("cannot_drink", "RED"),
        ("lethargy", "RED"),
        ("cannot_feed", "RED"),
        ("cough", None),
        ("fever", None),
        ("sore_throat", None),
        ("runny_nose", None),
        ("headache", None),
        ("muscle_pain", None),
        ("loss_of_smell", None),
        ("diarrhoea", None),
        ("vomiting", None),
    ],
)
@pytest.mark.parametrize("protocol", [EARLY, COVID])
def test_each_symptom_alone_has_its_danger(protocol: Protocol, symptom: str, danger: str | None) -> None:
    found = assess(a_report(symptoms=(symptom,)), ON, protocol)
    assert (found.severe, found.danger) == (danger is not None, danger)
    assert codes(found) == ([symptom] if danger else [])


@pytest.mark.parametrize("symptoms", [("fatigue", "dyspnoea"), ("dyspnoea", "fatigue")])
def test_red_outweighs_amber_in_any_order(symptoms: tuple[str, ...]) -> None:
    found = assess(a_report(symptoms=symptoms), ON, COVID)
    assert found.danger == "RED"
    assert set(codes(found)) == {"fatigue", "dyspnoea"}


@pytest.mark.parametrize(
    ("vitals", "reason"),
    [
        ({"spo2": 96}, None),
        ({"spo2": 95}, "spo2_low"),
        ({"respiratory_rate": 20}, None),
        ({"respiratory_rate": 21}, "breathing_fast"),
        ({"pulse": 120}, None),
        ({"pulse": 121}, "pulse_abnormal"),
        ({"pulse": 50}, None),
        ({"pulse": 49}, "pulse_abnormal"),
        ({"systolic": 90}, None),
        ({"systolic": 89}, "systolic_low"),
        ({"diastolic": 60}, None),
        ({"diastolic": 59}, "diastolic_low"),
        ({"fever_hours": 48}, None),
        ({"fever_hours": 49}, "fever_long"),
        ({"temperature": 39.0, "fever_responds_to_medicine": False}, None),
        ({"temperature": 39.1, "fever_responds_to_medicine": False}, "fever_unresponsive"),
        ({"temperature": 41.0, "fever_responds_to_medicine": True}, None),
    ],
)
@pytest.mark.parametrize("protocol", [EARLY, COVID])
def test_a_vital_beyond_its_bound_alone_makes_an_adult_red(
    protocol: Protocol, vitals: dict[str, float | bool], reason: str | None
) -> None:
    found = assess(a_report(vitals=with_vitals(**vitals)), ON, protocol)
    assert codes(found) == ([reason] if reason else [])
    assert (found.severe, found.danger) == ((True, "RED") if reason else (False, None))
    assert found.missing == ()


@pytest.mark.parametrize(
    ("born", "rate", "reason"),
    [
        # Born on the day, 0 months.
        (date(2022, 3, 17), 59, None),
        (date(2022, 3, 17), 60, "breathing_fast_0_1_months"),
        # The last day of 1 month, and the day of 2 months.
        (date(2022, 1, 18), 59, None),
        (date(2022, 1, 18), 60, "breathing_fast_0_1_months"),
        (date(2022, 1, 17), 49, None),
        (date(2022, 1, 17), 50, "breathing_fast_2_11_months"),
        # The last day of 11 months, and the first birthday.
        (date(2021, 3, 18), 49, None),
        (date(2021, 3, 18), 50, "breathing_fast_2_11_months"),
        (date(2021, 3, 17), 39, None),
        (date(2021, 3, 17), 40, "breathing_fast_1_4_years"),
        # The last day of 4 years, and the fifth birthday.
        (date(2017, 3, 18), 39, None),
        (date(2017, 3, 18), 40, "breathing_fast_1_4_years"),
        (date(2017, 3, 17), 29, None),
        (date(2017, 3, 17), 30, "breathing_fast_5_11_years"),
        # The last day of 11 years, and the twelfth birthday.
        (date(2010, 3, 18), 29, None),
        (date(2010, 3, 18), 30, "breathing_fast_5_11_years"),
        (date(2010, 3, 17), 20, None),
        (date(2010, 3, 17), 21, "breathing_fast"),
    ],
)
def test_fast_breathing_is_judged_by_the_age_on_the_day(born: date, rate: int, reason: str | None) -> None:
    found = assess(a_report(birth_date=born, vitals=with_vitals(respiratory_rate=rate)), ON, COVID)
    assert codes(found) == ([reason] if reason else [])


@pytest.mark.parametrize("months", range(0, 200))
def test_every_age_has_exactly_one_rule_for_breathing(months: int) -> None:
    born = date(2022 - (months + 9) // 12, (2 - months) % 12 + 1, 17)
    found = assess(a_report(birth_date=born, vitals=with_vitals(respiratory_rate=70)), ON, COVID)
    assert len(CHILD_RATE_CODES.intersection(codes(found))) == 1


@pytest.mark.parametrize("vitals", [{"pulse": 160}, {"systolic": 80}, {"diastolic": 45}])
def test_adult_bounds_do_not_judge_a_child(vitals: dict[str, float | bool]) -> None:
    eleven = a_report(birth_date=date(2010, 3, 18), vitals=with_vitals(**vitals))
    assert not assess(eleven, ON, COVID).severe
    twelve = a_report(birth_date=date(2010, 3, 17), vitals=with_vitals(**vitals))
    assert assess(twelve, ON, COVID).danger == "RED"


@pytest.mark.parametrize(
    ("born", "conditions", "high_risk"),
    [
        (date(1956, 3, 17), ("diabetes",), True),  # the 66th birthday
        (date(1956, 3, 18), ("diabetes",), False),  # 65 to the last day
        (date(1957, 3, 17), ("diabetes",), False),  # the 65th birthday
        (date(1930, 1, 1), (), False),
        (date(1930, 1, 1), ("other",), True),
        (date(1930, 1, 1), ("hypertension", "cancer"), True),
        (date(1990, 1, 1), ("hypertension", "cancer"), False),
    ],
)
def test_high_risk_is_over_65_with_a_condition(born: date, conditions: tuple[str, ...], high_risk: bool) -> None:
    found = assess(a_report(birth_date=born, conditions=conditions), ON, COVID)
    assert found.high_risk is high_risk
    assert codes(found) == (["age_and_condition"] if high_risk else [])


@pytest.mark.parametrize(
    ("born", "conditions", "high_risk"),
    [
        (date(1972, 3, 12), (), True),  # the 50th birthday
        (date(1972, 3, 13), (), False),
        (date(1972, 3, 13), ("obesity",), True),
        (date(2019, 3, 13), ("down_syndrome",), True),
    ],
)
def test_the_earlier_protocol_has_high_risk_from_50_or_with_a_condition(
    born: date, conditions: tuple[str, ...], high_risk: bool
) -> None:
    found = assess(a_report(birth_date=born, conditions=conditions), date(2022, 3, 12), EARLY)
    assert found.high_risk is high_risk


@pytest.mark.parametrize(
    ("born", "on", "high_risk"),
    [
        (date(1956, 2, 29), date(2022, 2, 28), False),
        (date(1956, 2, 29), date(2022, 3, 1), True),
    ],
)
def test_a_leap_day_birth_is_over_65_from_1_march(born: date, on: date, high_risk: bool) -> None:
    assert assess(a_report(birth_date=born, conditions=("hiv",)), on, COVID).high_risk is high_risk


@pytest.mark.parametrize(
    ("year", "high_risk"),
    [(1955, True), (1956, True), (1957, False)],
)
def test_from_a_birth_year_over_65_holds_when_it_may_hold(year: int, high_risk: bool) -> None:
    found = assess(a_report(birth_date=None, birth_year=year, conditions=("cancer",)), ON, COVID)
    assert found.high_risk is high_risk
    assert found.age_from_year
    assert found.missing == ()


def test_a_birth_year_that_reaches_into_two_bands_is_judged_by_the_stricter() -> None:
    baby = a_report(birth_date=None, birth_year=2021, vitals=with_vitals(respiratory_rate=45))
    assert codes(assess(baby, ON, COVID)) == ["breathing_fast_1_4_years"]


def test_without_any_birth_the_age_is_missing() -> None:
    found = assess(a_report(birth_date=None, conditions=("cancer",)), ON, COVID)
    assert not found.high_risk
    assert Missing("age_and_condition", "birth_date") in found.missing
    assert not found.age_from_year


def test_an_unknown_age_is_not_missing_where_it_could_not_matter() -> None:
    found = assess(a_report(birth_date=None, conditions=()), ON, COVID)
    assert found.missing == ()


def test_a_value_that_was_not_given_leaves_its_criterion_undecided() -> None:
    found = assess(a_report(vitals={}), ON, COVID)
    assert not found.severe
    assert found.missing == (
        Missing("spo2_low", "spo2"),
        Missing("breathing_fast", "respiratory_rate"),
        Missing("pulse_abnormal", "pulse"),
        Missing("systolic_low", "systolic"),
        Missing("diastolic_low", "diastolic"),
        Missing("fever_unresponsive", "temperature"),
        Missing("fever_unresponsive", "fever_responds_to_medicine"),
        Missing("fever_long", "fever_hours"),
    )


def test_a_child_is_not_asked_for_what_only_judges_adults() -> None:
    found = assess(a_report(birth_date=date(2015, 1, 1), vitals={}), ON, COVID)
    asked = {missing.value_code for missing in found.missing}
    assert asked == {"spo2", "respiratory_rate", "temperature", "fever_responds_to_medicine", "fever_hours"}


def test_a_temperature_that_settles_it_leaves_the_answer_unasked() -> None:
    vitals = {code: value for code, value in HEALTHY.items() if code != "fever_responds_to_medicine"}
    assert assess(a_report(vitals=vitals), ON, COVID).missing == ()
    hot = assess(a_report(vitals={**vitals, "temperature": 39.5}), ON, COVID)
    assert hot.missing == (Missing("fever_unresponsive", "fever_responds_to_medicine"),)


def test_a_reason_carries_both_texts_its_source_and_the_measured_value() -> None:
    (reason,) = assess(a_report(vitals=with_vitals(spo2=93)), ON, COVID).reasons
    assert reason.value == "93"
    assert reason.text.vi == "SpO2 dưới 96 %"
    assert reason.text.en == "SpO2 below 96 %"
    assert "261/QĐ-BYT" in reason.source


def test_a_reason_never_tells_the_age() -> None:
    (reason,) = assess(a_report(birth_date=date(1940, 1, 1), conditions=("other",)), ON, COVID).reasons
    assert reason.value is None


def test_a_protocol_judges_days_outside_its_validity() -> None:
    found = assess(a_report(symptoms=("fatigue",)), date(2022, 3, 11), COVID)
    assert found.danger == "AMBER"
    assert found.protocol == "covid19-hcmc-2022-03-17"


@pytest.mark.parametrize(
    ("symptoms", "danger"),
    [
        (("fever", "headache"), None),
        (("abdominal_pain",), "AMBER"),
        (("persistent_vomiting",), "AMBER"),
        (("mucosal_bleeding",), "AMBER"),
        (("lethargy",), "AMBER"),
        (("restlessness",), "AMBER"),
        (("little_urine",), "AMBER"),
        (("cold_limbs",), "RED"),
        (("black_stool", "lethargy"), "RED"),
        (("dyspnoea",), "RED"),
    ],
)
def test_dengue_has_its_own_signs(symptoms: tuple[str, ...], danger: str | None) -> None:
    assert assess(a_report(symptoms=symptoms), ON, DENGUE).danger == danger


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"birth_date": date(2021, 3, 18)}, "infant"),
        ({"birth_date": date(2021, 3, 17)}, None),
        ({"birth_date": date(1962, 3, 17)}, "elderly"),
        ({"birth_date": date(1962, 3, 18), "sex": "male"}, None),
        ({"pregnant": True}, "pregnant"),
        ({"pregnant": False}, None),
        ({"conditions": ("obesity",)}, "chronic_condition"),
    ],
)
def test_dengue_has_its_own_risk_groups(changes: dict[str, object], reason: str | None) -> None:
    found = assess(a_report(**{"pregnant": False, **changes}), ON, DENGUE)
    assert codes(found) == ([reason] if reason else [])


@pytest.mark.parametrize(("sex", "missing"), [("female", True), ("MALE", False), ("male", False), (None, True)])
def test_pregnancy_is_missing_only_where_it_can_be(sex: str | None, missing: bool) -> None:
    found = assess(a_report(sex=sex), ON, DENGUE)
    assert (Missing("pregnant", "pregnant") in found.missing) is missing


def test_an_empty_report_is_answered_too() -> None:
    found = assess(Report(), ON, COVID)
    assert (found.severe, found.high_risk, found.danger) == (False, False, None)
    assert Missing("spo2_low", "spo2") in found.missing
