"""Who comes together with thousands takes their turn, and nobody else waits for it."""

import asyncio

from process.paced_upgrades import Pace


async def test_few_are_called_at_once() -> None:
    called: list[int] = []
    pace = Pace(3, 60.0)
    for number in range(3):
        pace.call(lambda number=number: called.append(number))  # type: ignore[misc]  # bound now
    assert called == [0, 1, 2]


async def test_many_are_called_in_their_order_and_a_few_in_one_piece() -> None:
    called: list[int] = []
    done, turns = asyncio.Event(), 0
    pace = Pace(3, 0.001)

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
    pace = Pace(2, 0.001)
    for number in range(3):
        pace.call(lambda number=number: called.append(number))  # type: ignore[misc]  # bound now
    while pace._resting:  # noqa: ASYNC110 - a pause that ends sets no event
        await asyncio.sleep(0)
    pace.call(lambda: called.append(3))
    assert called == [0, 1, 2, 3]
