"""What is offered: what the table of the state allows, to whom the policy lets do it, where they may."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from access.actor import ANONYMOUS, Actor
from access.jurisdiction import NOWHERE, Jurisdiction
from access.policy import may
from graph.schema.action_enums import AlertAction, CaseAction, DeclarationAction
from graph.schema.referral_enums import ReferralAction
from models.alert import Alert
from models.case import Case
from models.declaration import Declaration
from models.state import AlertState, CaseState, DeclarationState, Role
from services.allowed_actions import (
    ALERT_ACTS,
    CASE_ACTS,
    DECLARATION_ACTS,
    FOLLOWING,
    REFERRAL_ACTS,
    alert_actions,
    case_actions,
    declaration_actions,
)
from triage.lifecycle import ALERT, CASE, DECLARATION, LIFECYCLES, REFERRAL, SYSTEM, Lifecycle

NOW = datetime(2022, 3, 18, 3, 0, tzinfo=UTC)
ME, OTHER = UUID(int=1), UUID(int=2)
HERE, ELSEWHERE = Jurisdiction(10, 20), Jurisdiction(30, 40)
STAFF = Actor("ACCOUNT", account_id=ME, role=Role.STATION_STAFF, jurisdiction=HERE)
CHIEF = replace(STAFF, role=Role.STATION_HEAD)
STRANGER = replace(STAFF, jurisdiction=ELSEWHERE)
COMMITTEE = replace(STAFF, role=Role.COMMITTEE)
CLINIC = replace(STAFF, role=Role.HOSPITAL, jurisdiction=NOWHERE)
RESIDENT = Actor("RESIDENT", phone_hash="hash")

TABLES = {"declaration": DECLARATION_ACTS, "case": CASE_ACTS, "alert": ALERT_ACTS, "referral": REFERRAL_ACTS}


def case(state: CaseState, *, granted: bool = False, by: UUID | None = None, until: datetime | None = None) -> Case:
    """A case of area 15 in that state."""
    made = Case(state=state, area_no=15, claimed_by=by, claimed_until=until)
    made.granted = granted
    return made


def declaration(state: DeclarationState) -> Declaration:
    """A declaration of area 15 in that state."""
    return Declaration(state=state, area_no=15)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)
def test_every_act_of_a_person_is_offered_or_says_what_it_follows_from(lifecycle: Lifecycle) -> None:
    for one in lifecycle.transitions:
        chosen = TABLES[lifecycle.name].get(one.act, {})
        if f"{lifecycle.name} {one.act}" in FOLLOWING:
            assert chosen == {}, one
        else:
            assert set(chosen) == set(one.by) - {SYSTEM}, one


def test_every_act_that_is_offered_is_in_its_table_and_has_a_name_in_the_api() -> None:
    for acts, table, names in (
        (DECLARATION_ACTS, DECLARATION, DeclarationAction),
        (CASE_ACTS, CASE, CaseAction),
        (ALERT_ACTS, ALERT, AlertAction),
        (REFERRAL_ACTS, REFERRAL, ReferralAction),
    ):
        assert set(acts) <= {one.act for one in table.transitions}
        assert {name.value for name in names} == set(acts)


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("actor", [ANONYMOUS, STRANGER, COMMITTEE, CLINIC], ids=lambda one: str(one.role))
def test_nothing_is_offered_to_whoever_may_not_act_there(actor: Actor, state: CaseState) -> None:
    assert case_actions(actor, case(state), NOW) == []


@pytest.mark.parametrize("state", CaseState)
def test_staff_are_offered_what_the_table_allows_and_nothing_else(state: CaseState) -> None:
    offered = case_actions(CHIEF, case(state), NOW)
    allowed = CASE.allowed(state)
    assert [act for act in allowed if act in offered] == offered
    kept = {act for act in allowed if any(may(CHIEF, action) for action in CASE_ACTS.get(act, {}).values())}
    assert kept - set(offered) <= {"RELEASE_CLAIM"}


def test_what_is_offered_in_some_states() -> None:
    suspected = case_actions(STAFF, case(CaseState.SUSPECTED), NOW)
    assert {"CONFIRM", "DISMISS", "MERGE", "CLAIM", "CONTACT", "CHECK_IN", "HAND_OVER"} <= set(suspected)
    assert not {"RELEASE", "DISPENSE", "REFER", "CERTIFY", "WITHDRAW", "EXPIRE"} & set(suspected)
    assert case_actions(STAFF, case(CaseState.COMPLETED), NOW) == ["CORRECT"]
    assert case_actions(CHIEF, case(CaseState.COMPLETED), NOW) == ["CERTIFY", "CORRECT"]
    assert case_actions(STAFF, case(CaseState.NOT_A_CASE), NOW) == []
    assert "FIND" in case_actions(STAFF, case(CaseState.LOST_TO_FOLLOW_UP), NOW)


def test_a_hospital_is_offered_what_is_its_own_with_whom_it_was_asked_to_take() -> None:
    assert case_actions(CLINIC, case(CaseState.REFERRED, granted=True), NOW) == ["ADMIT", "DECLARE_DEAD"]
    inside = case_actions(CLINIC, case(CaseState.HOSPITALISED, granted=True), NOW)
    assert inside == ["DISCHARGE", "DISCHARGE_RECOVERED", "DECLARE_DEAD"]


def test_whoever_has_sent_a_case_away_is_offered_nothing_with_it() -> None:
    assert case_actions(STRANGER, case(CaseState.CONFIRMED, granted=True), NOW) == []


def test_a_claim_is_offered_to_others_once_it_is_over() -> None:
    until = NOW + timedelta(minutes=1)
    claimed = case(CaseState.CONFIRMED, by=OTHER, until=until)
    assert not {"CLAIM", "RELEASE_CLAIM"} & set(case_actions(STAFF, claimed, NOW))
    assert "CLAIM" in case_actions(STAFF, claimed, until)
    mine = case(CaseState.CONFIRMED, by=ME, until=until)
    assert {"CLAIM", "RELEASE_CLAIM"} <= set(case_actions(STAFF, mine, NOW))
    assert "RELEASE_CLAIM" not in case_actions(STAFF, mine, until)


def test_a_claim_keeps_nobody_from_acting() -> None:
    claimed = case(CaseState.SUSPECTED, by=OTHER, until=NOW + timedelta(minutes=1))
    assert {"CONFIRM", "DISMISS", "CONTACT"} <= set(case_actions(STAFF, claimed, NOW))


def test_what_a_resident_is_offered() -> None:
    assert case_actions(RESIDENT, case(CaseState.HOME_ISOLATION), NOW) == ["CHECK_IN", "TEST"]
    assert case_actions(RESIDENT, case(CaseState.SUSPECTED), NOW) == ["CHECK_IN"]
    assert declaration_actions(RESIDENT, declaration(DeclarationState.SUBMITTED)) == ["WITHDRAW"]
    assert declaration_actions(RESIDENT, declaration(DeclarationState.NEEDS_INFO)) == ["COMPLETE", "WITHDRAW"]
    assert declaration_actions(RESIDENT, declaration(DeclarationState.ACCEPTED)) == []


def test_what_staff_may_do_with_a_declaration() -> None:
    asked = declaration_actions(STAFF, declaration(DeclarationState.NEEDS_INFO))
    assert asked == ["ACCEPT", "REJECT", "MARK_DUPLICATE", "REQUEST_INFORMATION", "COMPLETE", "REROUTE"]
    assert "RETURN" in declaration_actions(STAFF, declaration(DeclarationState.REROUTED))
    assert declaration_actions(STRANGER, declaration(DeclarationState.SUBMITTED)) == []
    assert declaration_actions(COMMITTEE, declaration(DeclarationState.SUBMITTED)) == []


def test_an_alert_is_taken_and_then_resolved() -> None:
    def alert(state: AlertState) -> Alert:
        return Alert(state=state, area_no=15)

    assert alert_actions(STAFF, alert(AlertState.RAISED)) == ["ACKNOWLEDGE"]
    assert alert_actions(STAFF, alert(AlertState.ESCALATED)) == ["ACKNOWLEDGE"]
    assert alert_actions(STAFF, alert(AlertState.ACKNOWLEDGED)) == ["RESOLVE"]
    assert alert_actions(STAFF, alert(AlertState.RESOLVED)) == []
    assert alert_actions(COMMITTEE, alert(AlertState.RAISED)) == []
    assert alert_actions(STRANGER, alert(AlertState.RAISED)) == []
