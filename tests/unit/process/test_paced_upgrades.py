"""Who comes together with thousands takes their turn, and nobody else waits for it."""

import asyncio

from process.paced_upgrades import Pace


async def test_few_are_called_at_once() -> None:
    called: list[int] = []
    pace = Pace(3, 60.0, 60.0)
    for number in range(3):
        pace.call(lambda number=number: called.append(number))  # type: ignore[misc]  # bound now
    assert called == [0, 1, 2]


async def test_many_are_called_in_their_order_and_a_few_in_one_piece() -> None:
    called: list[int] = []
    done, turns = asyncio.Event(), 0
    pace = Pace(3, 0.001, 60.0)

    def one(number: int) -> None:
        called.append(number)
        if number == 9:
            done.set()

    for number in range(10):
        pace.call(lambda number=number: one(number))  # type: ignore[misc]  # bound now
    assert called == [0, 1, 2]
    while not done.is_set():
        before = len(called)
        await asyncio.sleep(0)  # One turn of the loop.
        assert len(called) - before <= 3
        turns += len(called) > before
    assert called == list(range(10))
    assert turns == 3


async def test_whoever_comes_after_a_crowd_is_called_at_once_again() -> None:
    called: list[int] = []
    pace = Pace(2, 0.001, 60.0)
    for number in range(3):
        pace.call(lambda number=number: called.append(number))  # type: ignore[misc]  # bound now
    while pace._resting:  # noqa: ASYNC110 - a pause that ends sets no event
        await asyncio.sleep(0)
    pace.call(lambda: called.append(3))
    assert called == [0, 1, 2, 3]


async def test_who_would_wait_too_long_is_never_called() -> None:
    called: list[int] = []
    pace = Pace(2, 60.0, 120.0)
    # Two at once, and two after each of two rests.
    taken = [pace.call(lambda number=number: called.append(number)) for number in range(8)]  # type: ignore[misc]  # now
    assert taken == [True] * 6 + [False] * 2
    assert called == [0, 1]


async def test_a_loop_that_is_behind_has_patience_for_fewer() -> None:
    now = [0.0]
    pace = Pace(1, 0.001, 1.0, lambda: now[0])
    for _ in range(40):
        pace.call(lambda: None)
        now[0] += 0.4
        while pace._resting:  # noqa: ASYNC110 - a pause that ends sets no event
            await asyncio.sleep(0)
    assert [pace.call(lambda: None) for _ in range(5)] == [True, True, True, False, False]
