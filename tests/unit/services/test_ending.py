"""The order in which a process ends."""

import asyncio

from services.ending import Ending


async def test_it_waits_for_streams_that_are_open_and_not_for_those_that_have_closed() -> None:
    ending = Ending()
    with ending.stream():
        pass

    async def stream() -> None:
        with ending.stream():
            await ending.comes()
            assert ending.begun

    async with asyncio.timeout(5), asyncio.TaskGroup() as streams:
        for _ in range(3):
            streams.create_task(stream())
        await asyncio.sleep(0)
        await ending.end_streams(60)


async def test_a_stream_that_does_not_end_is_not_waited_for_without_bound() -> None:
    ending = Ending()
    with ending.stream():
        async with asyncio.timeout(5):
            await ending.end_streams(0.01)


async def test_a_stream_without_a_task_of_its_own_is_told_when_streams_end_also_where_it_comes_too_late() -> None:
    ending = Ending()
    told: list[str] = []
    with ending.stream(lambda: told.append("gone")):
        pass
    with ending.stream(lambda: told.append("open")):
        await ending.end_streams(0.01)
    with ending.stream(lambda: told.append("late")):
        assert told == ["open", "late"]
