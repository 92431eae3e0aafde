"""The queue before the work: who goes first, who is refused, and that no lane starves another."""

import asyncio
from collections.abc import Callable

import pytest

from graph.admission_lane import SHARES, Lane
from graph.admission_limit import Concurrency, Pace
from graph.admission_queue import Full, Queue


def queue(limit: int = 10, *, wait: float = 5.0, waiting: int = 100) -> Queue:
    """A queue whose limit stays where it is."""
    return Queue(Concurrency(1.0, limit, limit), dict.fromkeys(Lane, wait), waiting)


async def fill(found: Queue, lane: Lane) -> int:
    """Enters until nobody is let in at once any more; how many were."""
    entered = 0
    while found._free(lane):
        await found.enter(lane)
        entered += 1
    return entered


async def entered(found: Queue, lane: Lane, done: list[str], name: str, first: float | None = None) -> None:
    await found.enter(lane, None if first is None else (0, first))
    done.append(name)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("greedy", [lane for lane in Lane if lane is not Lane.VITAL])
async def test_whoever_fills_one_lane_leaves_every_other_its_own(greedy: Lane) -> None:
    found = queue()
    await fill(found, greedy)
    for lane, share in SHARES.items():
        if lane is not greedy:
            assert await fill(found, lane) >= share.own * 10


async def test_the_vital_never_wait_however_full_it_is() -> None:
    found = queue()
    for lane in Lane:
        if lane is not Lane.VITAL:
            await fill(found, lane)
    for _ in range(100):
        assert not await found.enter(Lane.VITAL)


async def test_a_free_place_goes_to_red_signs_before_all_others() -> None:
    found, done = queue(), list[str]()
    await fill(found, Lane.RED)
    await fill(found, Lane.DECLARE)
    tasks = [asyncio.create_task(entered(found, lane, done, lane.name)) for lane in (Lane.DECLARE, Lane.RED)]
    await settled()
    for _ in range(10):
        found.leave(Lane.RED, 0.01)
    await asyncio.gather(*tasks)
    assert done[0] == "RED"


async def test_who_was_told_to_come_back_goes_first_in_the_order_of_first_coming() -> None:
    found, done = queue(), list[str]()
    places = await fill(found, Lane.DECLARE)
    found._paces[Lane.DECLARE].seconds = 0.01
    coming = [("new", None), ("later", 20.0), ("earlier", 10.0), ("newer", None)]
    tasks = [asyncio.create_task(entered(found, Lane.DECLARE, done, name, first)) for name, first in coming]
    await settled()
    assert not done
    assert places > 0
    for _ in coming:
        found.leave(Lane.DECLARE, 0.01)
        await settled()
    await asyncio.gather(*tasks)
    assert done == ["earlier", "later", "new", "newer"]


async def test_who_cannot_be_served_in_time_is_refused_at_once() -> None:
    found = queue(wait=0.35)
    await fill(found, Lane.DECLARE)
    found._paces[Lane.DECLARE].seconds = 60.0
    waiting = asyncio.create_task(found.enter(Lane.DECLARE))
    await settled()
    begun = asyncio.get_running_loop().time()
    with pytest.raises(Full):
        await found.enter(Lane.DECLARE)
    assert asyncio.get_running_loop().time() - begun < 0.1
    waiting.cancel()


async def test_a_returning_one_takes_the_turn_of_the_newest_where_there_is_no_room_for_both() -> None:
    found = queue(waiting=1)
    await fill(found, Lane.DECLARE)
    newest = asyncio.create_task(found.enter(Lane.DECLARE))
    await settled()
    back = asyncio.create_task(found.enter(Lane.DECLARE, (0, 1.0)))
    with pytest.raises(Full):
        await newest
    found.leave(Lane.DECLARE, 0.01)
    assert await back


async def test_nobody_waits_longer_than_the_bound() -> None:
    found = queue(wait=0.05)
    await fill(found, Lane.PUBLIC)
    with pytest.raises(Full):
        await found.enter(Lane.PUBLIC)
    assert found.waiting(Lane.PUBLIC) == 0


@pytest.mark.parametrize("called", [False, True])
async def test_who_goes_away_while_waiting_holds_nothing(called: bool) -> None:
    found = queue()
    places = await fill(found, Lane.DECLARE)
    one = asyncio.create_task(found.enter(Lane.DECLARE))
    await settled()
    if called:
        # In the same moment: it was given its place, and does not live to hear of it.
        found.leave(Lane.DECLARE, 0.01)
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    assert found.waiting(Lane.DECLARE) == 0
    assert found.working[Lane.DECLARE] == (places - 1 if called else places)


class Moment:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lived(found: Concurrency, moment: Moment, took: float, *, full: bool = True, windows: int = 30) -> int:
    for _ in range(windows):
        for _ in range(10):
            moment.now += 0.03
            found.took(took, full=full)
    return found.limit


def test_more_are_admitted_while_answers_come_in_time_and_others_wait() -> None:
    moment = Moment()
    found = Concurrency(0.1, 2, 30, clock=moment)
    assert lived(found, moment, 0.01) == 30


def test_fewer_are_admitted_where_answers_take_longer_and_never_none() -> None:
    moment = Moment()
    found = Concurrency(0.1, 2, 30, clock=moment)
    assert lived(found, moment, 0.5) == 2


def test_where_nobody_waits_nothing_is_tried() -> None:
    moment = Moment()
    found = Concurrency(0.1, 2, 30, clock=moment)
    assert lived(found, moment, 0.01, full=False) == 16


def test_fewer_are_admitted_while_alerts_come_late() -> None:
    moment = Moment()
    late: Callable[[], bool] = lambda: True  # noqa: E731 - it is the whole of the clock's answer
    found = Concurrency(0.1, 2, 30, late, moment)
    assert lived(found, moment, 0.01) == 2


def test_a_rate_is_what_was_done_and_not_what_it_might_have_been() -> None:
    moment = Moment()
    found = Pace(0.01, moment)
    for _ in range(50):
        moment.now += 0.5
        found.took(0.01, waited=True)
    assert found.rate(10) == pytest.approx(2.0)


def test_where_nobody_waits_the_time_between_two_says_nothing() -> None:
    moment = Moment()
    found = Pace(0.01, moment)
    for _ in range(50):
        moment.now += 60
        found.took(0.01)
    assert found.rate(10) == pytest.approx(1_000)
