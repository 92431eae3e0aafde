from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.triage.sample import COVID, DENGUE, EARLY, ON
from triage.assess import assess
from triage.faults import faults
from triage.report import Report
from triage.rules import Protocol

RANK = {None: 0, "AMBER": 1, "RED": 2}
PROTOCOLS = st.sampled_from([EARLY, COVID, DENGUE])

# Towards what is worse for a patient of any age.
WORSE_WHEN_LOW = {"spo2", "systolic", "diastolic"}
WORSE_WHEN_HIGH = {"temperature", "fever_hours", "respiratory_rate"}


@st.composite
def vitals(draw: st.DrawFn, protocol: Protocol) -> dict[str, float | bool]:
    values: dict[str, float | bool] = {}
    for word in protocol.vitals:
        if draw(st.booleans()):
            low, high = int(word.minimum), int(word.maximum)
            values[word.code] = draw(
                st.integers(low, high)
                if word.whole
                else st.floats(word.minimum, word.maximum, allow_nan=False).map(lambda value: round(value, 1))
            )
    if draw(st.booleans()):
        values["fever_responds_to_medicine"] = draw(st.booleans())
    if values.get("diastolic", 0) > values.get("systolic", 999):
        del values["diastolic"]
    return values


@st.composite
def reports(draw: st.DrawFn, protocol: Protocol) -> Report:
    born = draw(st.dates(date(1900, 1, 1), date(2022, 3, 12)))
    by_year = draw(st.booleans())
    sex = draw(st.sampled_from(["female", "male", "other"]))
    return Report(
        birth_date=None if by_year else born,
        birth_year=born.year if by_year else None,
        sex=sex,
        test_kind=protocol.tests[0].code,
        test_on=ON,
        symptoms=tuple(draw(st.sets(st.sampled_from(sorted(protocol.symptom_codes))))),
        conditions=tuple(draw(st.sets(st.sampled_from(sorted(protocol.condition_codes))))),
        vaccine_doses=draw(st.none() | st.integers(0, 4)),
        pregnant=None if sex == "male" else draw(st.none() | st.booleans()),
        vitals=draw(vitals(protocol)),
    )


@given(data=st.data(), protocol=PROTOCOLS)
def test_every_valid_report_is_answered_consistently(data: st.DataObject, protocol: Protocol) -> None:
    report = data.draw(reports(protocol))
    assert faults(report, protocol, ON) == ()
    found = assess(report, ON, protocol)
    assert bool(found.reasons) == (found.severe or found.high_risk)
    assert (found.danger is not None) == found.severe
    assert found.protocol == protocol.version
    assert assess(report, ON, protocol) == found


@given(data=st.data(), protocol=PROTOCOLS)
def test_what_was_given_is_never_missing_and_nothing_is_named_twice(data: st.DataObject, protocol: Protocol) -> None:
    report = data.draw(reports(protocol))
    found = assess(report, ON, protocol)
    asked = {missing.value_code for missing in found.missing}
    given_codes = set(report.vitals) | {"birth_date"} | ({"pregnant"} if report.pregnant is not None else set())
    assert not asked & given_codes
    assert len(set(found.missing)) == len(found.missing)
    assert not {missing.criterion for missing in found.missing} & {reason.code for reason in found.reasons}


@given(data=st.data(), protocol=PROTOCOLS)
def test_a_further_symptom_or_condition_never_lowers_the_judgement(data: st.DataObject, protocol: Protocol) -> None:
    report = data.draw(reports(protocol))
    before = assess(report, ON, protocol)
    symptom = data.draw(st.sampled_from(sorted(protocol.symptom_codes)))
    condition = data.draw(st.sampled_from(sorted(protocol.condition_codes)))
    more = replace(report, symptoms=(*report.symptoms, symptom), conditions=(*report.conditions, condition))
    after = assess(more, ON, protocol)
    assert after.severe >= before.severe
    assert after.high_risk >= before.high_risk
    assert RANK[after.danger] >= RANK[before.danger]


@given(data=st.data(), protocol=PROTOCOLS)
def test_a_worse_vital_never_lowers_the_judgement(data: st.DataObject, protocol: Protocol) -> None:
    report = data.draw(reports(protocol))
    code = data.draw(st.sampled_from(sorted(WORSE_WHEN_LOW | WORSE_WHEN_HIGH)))
    word = protocol.vital_by_code[code]
    value = report.vitals.get(code, word.maximum if code in WORSE_WHEN_LOW else word.minimum)
    worst = word.minimum if code in WORSE_WHEN_LOW else word.maximum
    step = data.draw(st.floats(0, 1))
    worse = replace(report, vitals={**report.vitals, code: value + (worst - value) * step})
    before = assess(replace(report, vitals={**report.vitals, code: value}), ON, protocol)
    after = assess(worse, ON, protocol)
    assert RANK[after.danger] >= RANK[before.danger]


@given(data=st.data(), protocol=PROTOCOLS)
def test_a_value_given_where_it_was_missing_never_lowers_the_judgement(data: st.DataObject, protocol: Protocol) -> None:
    report = data.draw(reports(protocol))
    before = assess(report, ON, protocol)
    fuller = replace(report, vitals={**data.draw(vitals(protocol)), **report.vitals})
    after = assess(fuller, ON, protocol)
    assert RANK[after.danger] >= RANK[before.danger]
    assert after.high_risk == before.high_risk


@settings(max_examples=200)
@given(data=st.data(), protocol=PROTOCOLS)
def test_knowing_only_the_year_never_lowers_the_judgement(data: st.DataObject, protocol: Protocol) -> None:
    born = data.draw(st.dates(date(1900, 1, 1), ON))
    report = replace(data.draw(reports(protocol)), birth_date=born, birth_year=None)
    exact = assess(report, ON, protocol)
    from_year = assess(replace(report, birth_date=None, birth_year=born.year), ON, protocol)
    assert RANK[from_year.danger] >= RANK[exact.danger]
    assert from_year.high_risk >= exact.high_risk
