"""A member of a group: what it is given, what waits for it, and what it is never given."""

import asyncio
from typing import Any, cast

import pytest

from access.actor import Actor
from access.authenticate import Place
from access.jurisdiction import EVERYWHERE, Jurisdiction
from alerts.listener import QUEUE_BOUND, Listener, SlowSubscriber
from alerts.log import EVERY_KIND
from alerts.member import Member
from alerts.shared_event import SharedEvent
from models.state import Role

NURSE = Actor("ACCOUNT", role=Role.STATION_STAFF, jurisdiction=Jurisdiction(1, 5))
IDLE = 100
"""Up to where a group that waits has given everything."""


class Client:
    """Takes events at once while it is `ready`, else when it is let to."""

    def __init__(self) -> None:
        self.ready, self.had, self.turn = True, list[int](), asyncio.Event()

    def now(self, event: SharedEvent) -> bool:
        """Takes the event where it is ready."""
        if self.ready:
            self.had.append(event.seq)
        return self.ready

    async def send(self, event: SharedEvent) -> None:
        """Takes the event in its time."""
        await self.turn.wait()
        self.had.append(event.seq)


class Group:
    """Gives a listener's member events."""

    def __init__(self) -> None:
        self.client, self.noted, self.left = Client(), list[int](), 0
        self.listener = Listener(NURSE, None, EVERY_KIND)
        self.listener.stand(1, Place(NURSE, EVERYWHERE))
        self.member = Member(self.listener, self.client, 10, self.noted.append)
        self.member.begin(self._leave, lambda event: None)

    def _leave(self, member: Member) -> int:
        self.left += 1
        return IDLE

    def give(self, *numbers: int) -> list[bool]:
        """Whether each was taken at once."""
        return [self.member.give(SharedEvent(number, None, None, b"{}")) for number in numbers]


async def test_a_member_is_given_what_comes_after_what_it_has_and_nothing_twice() -> None:
    group = Group()
    assert group.give(9, 10, 11, 11, 14) == [False, False, True, False, True]
    assert group.client.had == group.noted == [11, 14]


async def test_what_a_client_does_not_take_at_once_keeps_its_order() -> None:
    group = Group()
    staying = asyncio.ensure_future(group.member.stay())
    group.client.ready = False
    group.give(11, 12)
    group.client.ready = True
    # It could be taken at once, but not before what waits.
    assert group.give(13) == [False]
    group.client.turn.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert group.client.had == group.noted == [11, 12, 13]
    group.member.go()
    assert await staying == IDLE


async def test_what_still_waits_when_a_member_goes_is_not_given_and_read_anew() -> None:
    group = Group()
    group.give(11)
    group.client.ready = False
    group.give(12, 13)
    group.member.go()
    assert (await group.member.stay(), group.client.had, group.left) == (11, [11], 1)
    assert group.give(14) == [False]


@pytest.mark.parametrize(
    "now",
    [
        None,
        Actor("ACCOUNT", role=Role.COMMITTEE, jurisdiction=Jurisdiction(1, 5)),
        Actor("ACCOUNT", role=Role.STATION_STAFF, jurisdiction=Jurisdiction(1, 4)),
    ],
    ids=["nobody", "another role", "another range"],
)
async def test_whoever_stands_otherwise_is_given_nothing_more_at_once(now: Actor | None) -> None:
    group = Group()
    group.listener.stand(2, Place(now, EVERYWHERE))
    assert group.give(11) == [False]
    assert group.left == 1


async def test_whoever_stands_as_before_stays() -> None:
    group = Group()
    group.listener.stand(2, Place(NURSE, EVERYWHERE))
    assert group.give(11) == [True]


async def test_a_client_that_takes_nothing_is_let_go_with_the_bound_of_its_queue() -> None:
    group = Group()
    group.client.ready = False
    group.give(*range(11, 11 + QUEUE_BOUND))
    assert group.member.behind == QUEUE_BOUND
    group.give(11 + QUEUE_BOUND)
    with pytest.raises(SlowSubscriber):
        await group.member.stay()
    assert (group.member.behind, group.client.had) == (0, [])


async def test_a_member_whose_task_is_cancelled_leaves_its_group() -> None:
    group = Group()
    staying = asyncio.ensure_future(group.member.stay())
    await asyncio.sleep(0)
    staying.cancel()
    await asyncio.wait({staying})
    assert (group.left, group.give(11)) == (1, [False])


def test_a_form_is_made_once_for_all_who_get_the_same() -> None:
    made: list[bytes] = []

    def make(body: bytes) -> bytes:
        made.append(body)
        return b"<" + body + b">"

    event = SharedEvent(1, None, None, b"x")
    assert [event.form(key, cast(Any, make)) for key in ("a", "a", "b")] == [b"<x>"] * 3
    assert len(made) == 2
