"""The queue before the work: who goes first, who is refused, and that no lane starves another."""

import asyncio
import time
from collections.abc import Callable

import pytest

from graph.admission_lane import SHARES, Lane
from graph.admission_limit import Concurrency, Pace
from graph.admission_queue import Full, Queue


def queue(
    limit: int = 10, *, wait: float = 5.0, waiting: int = 100, clock: Callable[[], float] = time.monotonic
) -> Queue:
    """A queue whose limit stays where it is."""
    return Queue(Concurrency(1.0, limit, limit), dict.fromkeys(Lane, wait), waiting, clock)


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
    for _ in range(20):
        found.leave(Lane.RED, 0.01)
    await asyncio.gather(*tasks)
    assert done[0] == "RED"


async def test_two_declarations_take_the_place_of_one_other() -> None:
    found = queue()
    assert await fill(found, Lane.STAFF) == 6
    # Four places are left, and its own part is less than that.
    assert await fill(found, Lane.DECLARE) == 8
    found.leave(Lane.STAFF, 0.01)
    assert await fill(found, Lane.DECLARE) == 2
    for _ in range(2):
        found.leave(Lane.DECLARE, 0.01)
    assert await fill(found, Lane.STAFF) == 1


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


async def told(found: Queue, lane: Lane, times: int) -> int:
    """How many of so many that are read in one turn of the loop are told that there is room."""
    return sum(not found.no_room(lane) for _ in range(times))


async def test_of_those_read_in_one_turn_no_more_are_let_in_than_there_is_room_for() -> None:
    found = queue()
    found._paces[Lane.DECLARE].seconds = 120.0
    assert await told(found, Lane.DECLARE, 100) == 16
    await settled()
    # Nobody has come in the meantime, so that all of it is free again.
    assert await told(found, Lane.DECLARE, 100) == 16
    await settled()
    await fill(found, Lane.DECLARE)
    assert await told(found, Lane.DECLARE, 100) == 1
    found._paces[Lane.DECLARE].seconds = 2.0
    await settled()
    # Five seconds' wait at eight a second.
    assert await told(found, Lane.DECLARE, 100) == 40
    assert await told(found, Lane.VITAL, 100) == 100


async def test_while_others_wait_the_public_has_a_part_of_what_is_done() -> None:
    moment = Moment()
    found, done = queue(clock=moment), [0]

    async def read() -> None:
        await found.enter(Lane.PUBLIC)
        done[0] += 1
        found.leave(Lane.PUBLIC, 0.001)

    reading = [asyncio.create_task(read()) for _ in range(50)]
    await settled()
    assert done == [50]
    await fill(found, Lane.DECLARE)
    waiting = asyncio.create_task(found.enter(Lane.DECLARE))
    reading = [asyncio.create_task(read()) for _ in range(50)]
    await settled()
    assert done == [50]
    for _ in range(12):
        found.leave(Lane.VITAL, 0.001)
        await settled()
    assert done == [53]
    # And one in a twentieth of a second in any case.
    moment.now += 0.06
    found.leave(Lane.VITAL, 0.001)
    await settled()
    assert done == [54]
    waiting.cancel()
    for one in reading:
        one.cancel()
    await asyncio.gather(waiting, *reading, return_exceptions=True)


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


def test_one_late_alert_is_counted_once_and_not_for_as_long_as_it_is_remembered() -> None:
    moment = Moment()
    remembered = iter([True, True, True])
    found = Concurrency(0.1, 2, 30, lambda: next(remembered, False), moment)
    assert lived(found, moment, 0.01, full=False, windows=4) == 12


def test_what_was_begun_before_a_shrink_says_nothing_of_it() -> None:
    moment = Moment()
    found = Concurrency(0.1, 2, 30, clock=moment)
    assert lived(found, moment, 0.4, windows=2) == 8
    assert lived(found, moment, 0.4, windows=1) == 4


def test_what_refusals_take_is_not_held_against_who_was_admitted() -> None:
    moment = Moment()
    found = Concurrency(0.1, 2, 30, clock=moment)
    for _ in range(100):
        moment.now += 0.03
        found.refused(0.012)
        found.took(0.13, full=True)
    assert found.limit > 20
    assert lived(found, moment, 0.13, windows=20) == 2


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
