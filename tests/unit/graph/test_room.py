"""Room is counted by holder, given back, and nothing is kept of those who hold nothing."""

from uuid import uuid4

import pytest

from access.actor import ANONYMOUS, Actor
from graph.room import NoRoom, Room, Share, holder_of


def sockets(holder: str | None, most: int = 2) -> Share:
    """A share of the sockets of an address."""
    return Share("ADDRESS_SOCKETS", holder, most)


def test_one_holder_has_so_much_and_its_neighbour_as_much() -> None:
    room = Room()
    room.take(sockets("a"))
    room.take(sockets("a"))
    with pytest.raises(NoRoom) as refused:
        room.take(sockets("a"))
    assert refused.value.kind == "ADDRESS_SOCKETS"
    room.take(sockets("b"))


def test_what_is_given_back_is_free_again_and_leaves_nothing() -> None:
    room = Room()
    for give_back in [room.take(sockets("a")) for _ in range(2)]:
        give_back()
    assert len(room) == 0
    room.take(sockets("a", 1))


def test_who_finds_no_room_for_one_takes_none_of_the_other() -> None:
    room = Room()
    room.take(Share("ACCOUNT_OPERATIONS", "a", 1))
    with pytest.raises(NoRoom, match="ACCOUNT_OPERATIONS"):
        room.take(sockets("a"), Share("ACCOUNT_OPERATIONS", "a", 1))
    room.take(sockets("a", 1))


def test_who_has_no_name_is_not_counted() -> None:
    room = Room()
    for _ in range(9):
        room.take(sockets(None, 1))
    assert len(room) == 0


def test_an_account_a_phone_and_nobody() -> None:
    account = uuid4()
    assert holder_of(Actor("ACCOUNT", account_id=account)) == str(account)
    assert holder_of(Actor("RESIDENT", phone_hash="k.x")) == "k.x"
    assert holder_of(ANONYMOUS) is None
