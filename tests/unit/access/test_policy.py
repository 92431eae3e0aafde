"""What each role may do, as a table."""

import pytest

from access.actor import ANONYMOUS, Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action, may
from access.visible import scope
from models.state import Role

PATIENT = {Action.SEE_CASES, Action.SEE_DECLARATIONS, Action.SEE_PERSON}
ACTING = {Action.ACKNOWLEDGE_ALERT, Action.RESOLVE_ALERT, Action.CONFIRM_CASE, Action.DISMISS_CASE}
CARE = {Role.STATION_STAFF, Role.STATION_HEAD, Role.MEDICAL_CENTRE, Role.DEPARTMENT}


def actor(role: Role) -> Actor:
    return Actor("ACCOUNT", role=role, jurisdiction=Jurisdiction(10, 20))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", sorted(ACTING))
def test_only_who_cares_for_patients_acts_on_them(role: Role, action: Action) -> None:
    assert may(actor(role), action) == (role in CARE)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", sorted(PATIENT))
def test_patients_are_seen_by_who_cares_for_them_and_by_the_hospital_that_they_were_sent_to(
    role: Role, action: Action
) -> None:
    assert may(actor(role), action) == (role in CARE | {Role.HOSPITAL})


@pytest.mark.parametrize("role", list(Role))
def test_everybody_but_the_administrator_and_hospitals_hears_alerts(role: Role) -> None:
    assert may(actor(role), Action.SEE_ALERTS) == (role not in (Role.ADMINISTRATOR, Role.HOSPITAL))


def test_the_anonymous_may_declare_and_see_nothing_of_others() -> None:
    allowed = {action for action in Action if may(ANONYMOUS, action)}
    assert allowed == {
        Action.SEE_INSTALLATION,
        Action.SEE_AREAS,
        Action.SEE_PROTOCOL,
        Action.SEE_PUBLIC_SUMMARY,
        Action.SEE_NODE,
        Action.DECLARE,
        Action.SEE_RECEIPT,
        Action.VERIFY_PHONE,
        Action.SIGN_IN,
        Action.KEEP_SESSION,
        Action.SEE_SELF,
        Action.VERIFY_CERTIFICATE,
        Action.UPLOAD_EVIDENCE,
    }
    assert scope(ANONYMOUS, Action.SEE_ALERTS).empty


def test_an_action_that_the_role_lacks_has_no_range() -> None:
    committee = actor(Role.COMMITTEE)
    assert scope(committee, Action.SEE_CASES).empty
    assert scope(committee, Action.SEE_SUMMARY) == Jurisdiction(10, 20)
