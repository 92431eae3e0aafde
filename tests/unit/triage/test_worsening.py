"""Whom a report at home makes the station call once more, and whom it does not."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.assess import assess
from triage.protocol import bundled
from triage.report import Report
from triage.worsening import AMBER, HIGH_RISK, NEITHER, RED, Called, calls_again, rank_of

DAY = date(2022, 3, 20)
PROTOCOL = next(one for one in bundled() if one.version == "covid19-hcmc-2022-03-17")
WELL = Report(birth_date=date(1980, 1, 1), sex="female", symptoms=("cough",))
TIRED = replace(WELL, symptoms=("fatigue",))
BREATHLESS = replace(WELL, symptoms=("dyspnoea",))
SIGNS = sorted(PROTOCOL.symptom_codes)


def spo2(value: float) -> Report:
    """Nothing but the oxygen."""
    return replace(WELL, vitals={"spo2": value})


def called_for(*reports: Report) -> Called | None:
    """As a station was called for these."""
    found = [assess(report, DAY, PROTOCOL) for report in reports]
    return Called.of((rank_of(one), [[why.code, why.value] for why in one.reasons]) for one in found)


def again(report: Report, called: Called | None, last: Report = WELL) -> bool:
    """Whether the report calls the station that was called for `called`, after the report `last`."""
    found = assess(report, DAY, PROTOCOL)
    return calls_again(found, called, rank_of(assess(last, DAY, PROTOCOL)), PROTOCOL)


def test_a_report_stands_by_its_danger_and_then_by_the_risk() -> None:
    old = replace(WELL, birth_date=date(1940, 1, 1), conditions=("diabetes",))
    ranks = [rank_of(assess(one, DAY, PROTOCOL)) for one in (BREATHLESS, TIRED, old, WELL)]
    assert ranks == [RED, AMBER, HIGH_RISK, NEITHER]


def test_what_is_not_severe_calls_nobody() -> None:
    assert not again(WELL, None)
    assert not again(WELL, called_for(BREATHLESS))


@pytest.mark.parametrize("report", [TIRED, BREATHLESS, spo2(90)])
def test_who_was_never_severe_calls(report: Report) -> None:
    assert again(report, None)


def test_a_greater_danger_calls_and_a_lesser_one_does_not() -> None:
    assert again(BREATHLESS, called_for(TIRED), TIRED)
    assert not again(TIRED, called_for(BREATHLESS))


@pytest.mark.parametrize("report", [TIRED, BREATHLESS, spo2(90)])
def test_the_same_signs_day_after_day_call_once(report: Report) -> None:
    assert not again(report, called_for(report), report)


def test_a_new_sign_of_the_same_danger_calls() -> None:
    worse = replace(BREATHLESS, symptoms=("dyspnoea", "chest_pain"))
    assert again(worse, called_for(BREATHLESS), BREATHLESS)
    assert not again(BREATHLESS, called_for(worse), worse)


def test_oxygen_that_falls_further_calls_and_one_that_rises_does_not() -> None:
    assert again(spo2(90), called_for(spo2(94)), spo2(94))
    assert not again(spo2(95), called_for(spo2(94)), spo2(94))
    # What the station has heard of once it knows, also where it was better meanwhile.
    assert not again(spo2(90), called_for(spo2(94), spo2(89)), spo2(94))


def test_a_pulse_may_leave_its_bounds_on_either_side() -> None:
    def pulse(value: float) -> Report:
        return replace(WELL, vitals={"pulse": value})

    assert again(pulse(140), called_for(pulse(125)), pulse(125))
    assert again(pulse(30), called_for(pulse(125)), pulse(125))
    assert not again(pulse(122), called_for(pulse(125)), pulse(125))


def test_a_red_sign_that_had_gone_calls_when_it_is_back_and_tiredness_does_not() -> None:
    assert again(BREATHLESS, called_for(BREATHLESS), WELL)
    assert not again(TIRED, called_for(TIRED), WELL)


REPORTS = st.builds(
    lambda symptoms, oxygen: replace(WELL, symptoms=tuple(symptoms), vitals={} if oxygen is None else {"spo2": oxygen}),
    st.lists(st.sampled_from(SIGNS), unique=True, max_size=4),
    st.none() | st.integers(70, 100),
)


@given(REPORTS, st.lists(REPORTS, max_size=4), REPORTS)
def test_nobody_calls_twice_for_one_and_the_same_report(report: Report, before: list[Report], last: Report) -> None:
    assert not again(report, called_for(*before, report), report)
    if again(report, called_for(*before), last):
        assert assess(report, DAY, PROTOCOL).severe


@given(REPORTS, REPORTS, st.sampled_from(SIGNS))
def test_one_more_sign_never_keeps_a_report_from_calling(report: Report, before: Report, sign: str) -> None:
    known = called_for(before) if assess(before, DAY, PROTOCOL).severe else None
    more = replace(report, symptoms=tuple(dict.fromkeys((*report.symptoms, sign))))
    if again(report, known, before):
        assert again(more, known, before)
