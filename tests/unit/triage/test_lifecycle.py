"""The tables of the life cycles: whole, closed, and the same as what the rows can hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.state import (
    OPEN_ALERT_STATES,
    WAITING_DECLARATION_STATES,
    AlertState,
    CaseState,
    DeclarationState,
    ReferralState,
)
from services.change_case import ACTIVE, CLOSED
from services.change_referral import OVER
from triage.lifecycle import (
    ALERT,
    BEFORE,
    CASE,
    DECLARATION,
    HEAD,
    HOSPITAL,
    LIFECYCLES,
    REFERRAL,
    RESIDENT,
    SAME,
    STATION,
    SYSTEM,
    Lifecycle,
    NotAllowed,
    Transition,
)

PARTIES = {RESIDENT, STATION, HEAD, HOSPITAL, SYSTEM}
ENUMS = {"declaration": DeclarationState, "case": CaseState, "alert": AlertState, "referral": ReferralState}
RETURNING = {"LOST_TO_FOLLOW_UP": "LOSE", "MERGED": "MERGE"}
"""The states that an act of the case returns from, and the act that has led there."""


def acts(lifecycle: Lifecycle) -> list[str]:
    """Every act of a table, once."""
    return sorted({one.act for one in lifecycle.transitions})


each = pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)


@each
def test_the_states_are_those_that_a_row_can_be_in(lifecycle: Lifecycle) -> None:
    assert set(lifecycle.states) == {state.value for state in ENUMS[lifecycle.name]}
    assert len(lifecycle.states) == len(set(lifecycle.states))
    assert lifecycle.initial == lifecycle.states[0]


@each
def test_the_table_names_nothing_that_it_does_not_have(lifecycle: Lifecycle) -> None:
    states = set(lifecycle.states)
    for one in lifecycle.transitions:
        assert one.sources, one
        assert set(one.sources) <= states, one
        assert one.target in states | {SAME, BEFORE}, one
        assert one.by, one
        assert set(one.by) <= PARTIES, one
        assert len(one.sources) == len(set(one.sources)), one


@each
def test_an_act_leads_from_a_state_to_one_state_alone(lifecycle: Lifecycle) -> None:
    pairs = [(one.act, source) for one in lifecycle.transitions for source in one.sources]
    assert len(pairs) == len(set(pairs))


@each
def test_every_state_can_be_come_to(lifecycle: Lifecycle) -> None:
    reached, waiting = {lifecycle.initial}, [lifecycle.initial]
    while waiting:
        for one in lifecycle.open(waiting.pop()):
            if one.target not in (SAME, BEFORE) and one.target not in reached:
                assert one.target is not None
                reached.add(one.target)
                waiting.append(one.target)
    assert reached == set(lifecycle.states)


def test_where_each_life_ends() -> None:
    assert DECLARATION.ends == {"ACCEPTED", "REJECTED", "DUPLICATE", "WITHDRAWN", "EXPIRED"}
    assert CASE.ends == {"NOT_A_CASE", "DECEASED"}
    assert ALERT.ends == {"RESOLVED"}
    assert REFERRAL.ends == {state.value for state in OVER}


def test_what_is_waiting_open_active_and_closed_are_the_tables_own() -> None:
    assert set(WAITING_DECLARATION_STATES) == set(DeclarationState) - set(DECLARATION.ends)
    assert set(OPEN_ALERT_STATES) == {state for state in AlertState if "ACKNOWLEDGE" in ALERT.allowed(state)}
    assert frozenset({CaseState.SUSPECTED}) | ACTIVE | CLOSED == set(CaseState)
    assert not ACTIVE & CLOSED
    assert {state for state in CaseState if "CLAIM" in CASE.allowed(state)} == set(CaseState) - CLOSED


def test_what_is_taken_back_returns_to_a_state_in_which_it_could_be_done() -> None:
    back = [one for one in CASE.transitions if one.target == BEFORE]
    assert {source for one in back for source in one.sources} == set(RETURNING)
    for one in back:
        for source in one.sources:
            with pytest.raises(ValueError, match="the state before"):
                CASE.target(one.act, source)


@each
@given(data=st.data())
def test_no_path_leaves_the_table(lifecycle: Lifecycle, data: st.DataObject) -> None:
    state, before = lifecycle.initial, None
    for act in data.draw(st.lists(st.sampled_from(acts(lifecycle)), max_size=40)):
        if act not in lifecycle.allowed(state):
            with pytest.raises(NotAllowed) as refused:
                lifecycle.target(act, state, before)
            assert (refused.value.act, refused.value.state) == (act, state)
            assert refused.value.allowed == lifecycle.allowed(state)
            continue
        after = lifecycle.target(act, state, before)
        assert after in lifecycle.states
        if RETURNING.get(after) == act:
            before = state
        elif state in RETURNING and after != state:
            # It is where it was, and can be lost and merged again from there.
            before = None
        state = after


@given(st.lists(st.sampled_from(acts(CASE)), max_size=60))
def test_who_is_dead_or_no_case_stays_so(path: list[str]) -> None:
    for end in CASE.ends:
        state = end
        for act in path:
            if act in CASE.allowed(state):
                state = CASE.target(act, state)
        assert state == end


def test_a_refusal_names_the_state_and_what_is_possible_instead() -> None:
    with pytest.raises(NotAllowed, match="CONFIRM is not possible in state COMPLETED; possible are: CERTIFY"):
        CASE.target("CONFIRM", "COMPLETED")
    with pytest.raises(NotAllowed, match="possible are: none"):
        CASE.target("CONFIRM", "NOT_A_CASE")


def test_a_transition_says_for_itself_what_it_is() -> None:
    assert Transition("ACT", ("HERE",), "THERE", (STATION,)) in Lifecycle(
        "table", "HERE", ("HERE", "THERE"), (Transition("ACT", ("HERE",), "THERE", (STATION,)),)
    ).open("HERE")
