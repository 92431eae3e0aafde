"""Who may reset whose password, and who may change whose account: role by role."""

from dataclasses import replace

import pytest

from access.actor import ANONYMOUS, Actor
from access.jurisdiction import Jurisdiction
from access.people import Post, may_manage, roles_below
from access.policy import Action
from models.identifier import uuid7
from models.state import Restriction, Role

INSIDE, OUTSIDE = 15, 30
R = Role


def actor(role: Role) -> Actor:
    """An account over areas 10 to 20, at the station `here`."""
    return Actor("ACCOUNT", uuid7(), role=role, station_id="here", jurisdiction=Jurisdiction(10, 20))


def manages(who: Actor, action: Action, role: Role, area_no: int = INSIDE, station_id: str | None = "here") -> bool:
    """Whether they manage somebody else of that role."""
    return may_manage(who, action, uuid7(), Post(role, area_no, station_id))


RESETS: dict[Role, set[Role]] = {
    R.STATION_STAFF: set(),
    R.STATION_HEAD: {R.STATION_STAFF},
    R.MEDICAL_CENTRE: {R.STATION_STAFF, R.STATION_HEAD},
    R.COMMITTEE: set(),
    R.DEPARTMENT: {R.STATION_STAFF, R.STATION_HEAD, R.MEDICAL_CENTRE, R.COMMITTEE, R.HOSPITAL},
    R.ADMINISTRATOR: set(R),
    R.HOSPITAL: set(),
}
CHANGES = {**{role: set[Role]() for role in R}, R.DEPARTMENT: RESETS[R.DEPARTMENT], R.ADMINISTRATOR: set(R)}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("other", list(Role))
def test_each_role_manages_those_below_it_and_no_other(role: Role, other: Role) -> None:
    assert manages(actor(role), Action.RESET_PASSWORD, other) == (other in RESETS[role])
    assert manages(actor(role), Action.CHANGE_ACCOUNT, other) == (other in CHANGES[role])


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("other", list(Role))
@pytest.mark.parametrize("action", [Action.RESET_PASSWORD, Action.CHANGE_ACCOUNT])
def test_nobody_manages_outside_the_own_jurisdiction(role: Role, other: Role, action: Action) -> None:
    assert not manages(actor(role), action, other, OUTSIDE)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_resets_or_changes_the_own_account(role: Role) -> None:
    who = actor(role)
    assert who.account_id
    for action in (Action.RESET_PASSWORD, Action.CHANGE_ACCOUNT):
        assert not may_manage(who, action, who.account_id, Post(role, INSIDE, "here"))


@pytest.mark.parametrize("station", ["elsewhere", None])
def test_a_head_manages_the_own_stations_staff_only(station: str | None) -> None:
    assert not manages(actor(R.STATION_HEAD), Action.RESET_PASSWORD, R.STATION_STAFF, INSIDE, station)


@pytest.mark.parametrize("restriction", list(Restriction))
def test_whoever_has_yet_to_set_a_password_or_factor_manages_nobody(restriction: Restriction) -> None:
    restricted = replace(actor(R.ADMINISTRATOR), restriction=restriction)
    assert roles_below(restricted, Action.CHANGE_ACCOUNT) == frozenset()
    assert not manages(restricted, Action.RESET_PASSWORD, R.STATION_STAFF)


def test_who_has_no_account_manages_nobody() -> None:
    assert not manages(ANONYMOUS, Action.RESET_PASSWORD, R.STATION_STAFF)
