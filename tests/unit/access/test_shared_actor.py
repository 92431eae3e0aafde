"""An actor without an account: what stands alike is alike, and nothing else can be read."""

from dataclasses import fields, replace
from uuid import uuid4

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from access.jurisdiction import Jurisdiction
from access.policy import Action, may
from access.shared_actor import PERSONAL, AccountRead, SharedActor, stands_as
from models.state import Role

NURSE = Actor(
    "ACCOUNT",
    account_id=uuid4(),
    session_id=uuid4(),
    role=Role.STATION_STAFF,
    area_id="ward",
    station_id="station",
    jurisdiction=Jurisdiction(3, 3),
    display_name="Lan",
)


def test_it_stands_as_its_members_do() -> None:
    shared = SharedActor.of(NURSE, "r")
    assert stands_as(shared) == stands_as(NURSE)
    assert bounds_of(shared) == bounds_of(NURSE)
    assert [may(shared, action) for action in Action] == [may(NURSE, action) for action in Action]
    assert shared.request_id == "r"


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_it_has_nothing_of_a_single_account(name: str) -> None:
    shared = SharedActor.of(NURSE, "r")
    with pytest.raises(AccountRead):
        getattr(shared, name)
    assert shared.asked == [name]


def test_accounts_of_one_standing_are_one() -> None:
    other = replace(NURSE, account_id=uuid4(), session_id=uuid4(), display_name="Mai", wrote=7)
    assert stands_as(other) == stands_as(NURSE)


@pytest.mark.parametrize(
    "other",
    [
        {"role": Role.COMMITTEE},
        {"jurisdiction": Jurisdiction(3, 4)},
        {"station_id": None},
        {"area_id": "another"},
        {"doctor": True},
        {"phone_hash": "x"},
    ],
)
def test_whoever_stands_otherwise_is_another(other: dict[str, object]) -> None:
    changed = replace(NURSE, **other)  # type: ignore[arg-type]  # each is of the field's own type
    assert stands_as(changed) != stands_as(NURSE)


def test_whatever_is_added_to_an_actor_counts_until_it_is_said_to_be_personal() -> None:
    known = PERSONAL | {"request_id", "access_version"}
    assert len(stands_as(NURSE)) == len(fields(Actor)) - len(known)


def test_it_is_equal_to_itself_alone() -> None:
    shared = SharedActor.of(NURSE, "r")
    assert shared == shared
    assert shared != SharedActor.of(NURSE, "r")
    assert "Lan" not in repr(shared)
