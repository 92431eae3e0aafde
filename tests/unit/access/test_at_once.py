"""Questions that wait at the same moment are asked as one, and nobody gets an answer from before they asked."""

import asyncio

import pytest

from access.at_once import MOST, AtOnce


class Database:
    """Answers when it is let to."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.turn = asyncio.Event()
        self.fault: Exception | None = None
        self.at_once = AtOnce(self._ask)

    async def _ask(self, questions: list[int]) -> list[str]:
        self.asked.append(questions)
        await self.turn.wait()
        if self.fault:
            raise self.fault
        return [f"answer to {one}" for one in questions]

    async def all(self, *questions: int) -> list[asyncio.Task[str]]:
        """Asks, and lets everybody come as far as they can."""
        tasks = [asyncio.create_task(self.at_once.ask(one)) for one in questions]
        for _ in range(5):
            await asyncio.sleep(0)
        return tasks


async def test_whoever_comes_alone_is_asked_for_at_once() -> None:
    database = Database()
    await database.all(1)
    assert database.asked == [[1]]


async def test_those_who_come_while_two_are_asked_share_the_next() -> None:
    database = Database()
    tasks = [*await database.all(1), *await database.all(2), *await database.all(3, 4), *await database.all(5)]
    assert database.asked == [[1], [2]]
    database.turn.set()
    assert await asyncio.gather(*tasks) == [f"answer to {one}" for one in (1, 2, 3, 4, 5)]
    assert database.asked == [[1], [2], [3, 4, 5]]


async def test_of_very_many_only_so_many_share_one() -> None:
    database = Database()
    tasks = [*await database.all(1), *await database.all(2), *await database.all(*range(3, 3 + MOST + 10))]
    database.turn.set()
    await asyncio.gather(*tasks)
    assert sorted(len(one) for one in database.asked) == [1, 1, 10, MOST]


async def test_a_fault_is_everybodys_who_was_asked_for_together_and_of_nobody_after() -> None:
    database = Database()
    database.turn.set()
    database.fault = OSError("away")
    failed = await database.all(1, 2, 3)
    for task in failed:
        with pytest.raises(OSError, match="away"):
            await task
    database.fault = None
    (task,) = await database.all(4)
    assert await task == "answer to 4"


async def test_who_has_stopped_waiting_takes_nothing_from_the_others() -> None:
    database = Database()
    gone, here = await database.all(1, 2)
    gone.cancel()
    database.turn.set()
    assert await here == "answer to 2"
    assert len(database.asked) >= 1


async def test_whoever_is_patient_waits_for_company_only_where_another_was_asked_for_a_moment_ago() -> None:
    database = Database()
    database.turn.set()
    assert await database.at_once.ask(1, patient=True) == "answer to 1"
    others = [asyncio.create_task(database.at_once.ask(one, patient=True)) for one in (2, 3)]
    await asyncio.sleep(0)  # One turn of the loop: they have asked.
    assert database.asked == [[1]]
    assert await asyncio.gather(*others) == ["answer to 2", "answer to 3"]
    assert database.asked == [[1], [2, 3]]


async def test_whoever_is_not_patient_takes_along_those_who_are() -> None:
    database = Database()
    database.turn.set()
    await database.at_once.ask(1)
    patient = asyncio.create_task(database.at_once.ask(2, patient=True))
    await asyncio.sleep(0)  # One turn of the loop: they have asked.
    assert await database.at_once.ask(3) == "answer to 3"
    assert await patient == "answer to 2"
    assert database.asked == [[1], [2, 3]]


async def test_who_is_patient_is_not_asked_for_by_those_who_come_back_from_asking() -> None:
    database = Database()
    tasks = await database.all(1)
    patient = [asyncio.create_task(database.at_once.ask(one, patient=True)) for one in (2, 3)]
    await asyncio.sleep(0)  # One turn of the loop: they have asked.
    database.turn.set()
    await asyncio.gather(*tasks)
    assert database.asked == [[1]]
    assert await asyncio.gather(*patient) == ["answer to 2", "answer to 3"]
    assert database.asked == [[1], [2, 3]]


async def test_of_many_who_are_patient_and_not_everybody_is_answered() -> None:
    database = Database()
    database.turn.set()
    asking = [asyncio.create_task(database.at_once.ask(one, patient=one % 3 > 0)) for one in range(3 * MOST)]
    assert await asyncio.gather(*asking) == [f"answer to {one}" for one in range(3 * MOST)]
    assert all(database.asked)
