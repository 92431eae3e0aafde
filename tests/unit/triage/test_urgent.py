"""Red signs, found without the rest of the judgement: never another answer than the judgement's."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.assess import assess
from triage.protocol import Protocol, bundled
from triage.report import Report
from triage.urgent import has_red_signs

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
