"""Red signs, found without the rest of the judgement: never another answer than the judgement's."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.assess import assess
from triage.condition import AgeWithin, All, AnyOf, AnySymptom, MinConditions, Pregnant, VitalWithin
from triage.protocol import Protocol, bundled
from triage.report import Report
from triage.urgent import has_red_signs, red_words

DAY = date(2022, 3, 18)
PROTOCOLS = bundled()


@st.composite
def reports(draw: st.DrawFn, protocol: Protocol) -> Report:
    return Report(
        birth_year=draw(st.none() | st.integers(1920, 2022)),
        sex=draw(st.sampled_from(("male", "female"))),
        symptoms=tuple(draw(st.lists(st.sampled_from(sorted(protocol.symptom_codes)), max_size=3))),
        conditions=tuple(draw(st.lists(st.sampled_from(sorted(protocol.condition_codes)), max_size=2))),
        pregnant=draw(st.none() | st.booleans()),
        vitals=draw(
            st.fixed_dictionaries({}, optional={"spo2": st.floats(60, 100), "respiratory_rate": st.floats(5, 60)})
        ),
    )


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.version)
def test_red_signs_are_found_where_the_judgement_finds_them(protocol: Protocol) -> None:
    @given(reports(protocol))
    def same(report: Report) -> None:
        assert has_red_signs(report, DAY, protocol) == (assess(report, DAY, protocol).danger == "RED")

    same()


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.version)
def test_a_report_without_any_of_the_red_words_has_no_red_signs(protocol: Protocol) -> None:
    words = red_words(protocol)
    assert words

    @given(reports(protocol))
    def never(report: Report) -> None:
        said = {*report.symptoms, *report.conditions, *report.vitals}
        assert not words.isdisjoint(said) or not has_red_signs(report, DAY, protocol)

    never()


def test_the_words_of_a_condition_are_those_it_cannot_hold_without() -> None:
    cough, fever = AnySymptom(frozenset({"cough", "cold"})), AnySymptom(frozenset({"fever"}))
    assert cough.words() == {"cough", "cold"}
    assert VitalWithin("spo2", below=96).words() == {"spo2"}
    for alone in (AgeWithin(0, 2), Pregnant(), MinConditions(2), All((Pregnant(), AgeWithin(0, 2)))):
        assert alone.words() is None
    assert All((cough, fever, Pregnant())).words() == frozenset({"fever"})
    assert AnyOf((cough, fever)).words() == frozenset({"cough", "cold", "fever"})
    assert AnyOf((cough, Pregnant())).words() is None
    assert All(()).words() is None
    assert AnyOf(()).words() == frozenset()
