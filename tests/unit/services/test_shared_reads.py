"""Who asks the same at the same moment is answered by one reading, which began after all of them had asked."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.shared_reads import SharedReads


class Readings:
    """Readings that end when they are told to; each finds how many had begun with it."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended: list[asyncio.Event] = []
        self.given_up = 0

    async def read(self) -> int:
        self.begun += 1
        mine, end = self.begun, asyncio.Event()
        self.ended.append(end)
        try:
            await end.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return mine


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(8):
        await asyncio.sleep(0)  # One turn of the loop.


def asking(
    shared: SharedReads, readings: Readings, asked: str = "city", read: Callable[[], Awaitable[int]] | None = None
) -> "asyncio.Task[int]":
    return asyncio.get_running_loop().create_task(shared.read(asked, read or readings.read))


async def test_who_comes_while_one_reads_shares_the_next_reading_and_is_not_told_of_the_older_one() -> None:
    shared, readings = SharedReads(), Readings()
    first = asking(shared, readings)
    await settle()
    late = [asking(shared, readings) for _ in range(5)]
    await settle()
    assert readings.begun == 1
    readings.ended[0].set()
    await settle()
    assert first.result() == 1
    assert not any(one.done() for one in late)
    later = asking(shared, readings)
    await settle()
    readings.ended[1].set()
    assert [await one for one in late] == [2] * 5
    await settle()
    readings.ended[2].set()
    assert await later == 3


async def test_nothing_is_kept_once_nobody_asks() -> None:
    shared, readings = SharedReads(), Readings()
    for expected in (1, 2):
        one = asking(shared, readings)
        await settle()
        readings.ended[-1].set()
        assert await one == expected


async def test_other_questions_do_not_wait() -> None:
    shared, readings = SharedReads(), Readings()
    one, other = asking(shared, readings, "city"), asking(shared, readings, "district")
    await settle()
    assert readings.begun == 2
    for end in readings.ended:
        end.set()
    assert (await one, await other) == (1, 2)


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    shared, readings = SharedReads(), Readings()
    first = asking(shared, readings)
    await settle()
    leaving, staying = asking(shared, readings), asking(shared, readings)
    await settle()
    first.cancel()
    await settle()
    assert readings.begun == 2
    leaving.cancel()
    await settle()
    readings.ended[1].set()
    assert await staying == 2
    assert leaving.cancelled()


async def test_a_reading_that_everybody_has_left_ends_and_others_may_ask_again() -> None:
    shared, readings = SharedReads(), Readings()
    first = asking(shared, readings)
    await settle()
    leaving = asking(shared, readings)
    await settle()
    readings.ended[0].set()
    await settle()
    assert (await first, readings.begun) == (1, 2)
    leaving.cancel()
    await settle()
    assert readings.given_up == 1
    again = asking(shared, readings)
    await settle()
    readings.ended[-1].set()
    assert await again == 3


async def test_those_who_left_before_it_began_are_not_read_for() -> None:
    shared, readings = SharedReads(), Readings()
    first = asking(shared, readings)
    await settle()
    leaving = asking(shared, readings)
    await settle()
    leaving.cancel()
    readings.ended[0].set()
    await settle()
    assert (await first, readings.begun) == (1, 1)


async def test_what_goes_wrong_is_told_to_all_who_waited_and_to_nobody_after_them() -> None:
    shared, readings = SharedReads(), Readings()

    async def fails() -> int:
        raise ConnectionError

    first = asking(shared, readings)
    await settle()
    late = [asking(shared, readings, read=fails) for _ in range(2)]
    await settle()
    readings.ended[0].set()
    for one in late:
        with pytest.raises(ConnectionError):
            await one
    assert await first == 1
    again = asking(shared, readings)
    await settle()
    readings.ended[-1].set()
    assert await again == 2
