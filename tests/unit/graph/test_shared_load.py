"""Whoever stops waiting for what is loaded stops alone."""

import asyncio

import pytest

from graph.shared_load import SharedLoad


async def doubled(keys: list[int]) -> list[int]:
    await asyncio.sleep(0)
    return [2 * key for key in keys]


async def test_a_field_that_is_given_up_takes_nothing_from_the_others() -> None:
    loader = SharedLoad[int, int](load_fn=doubled)

    async def wait() -> int:
        return await loader.load(21)

    given_up, other = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await other == 42
    assert await loader.load(21) == 42


async def test_what_fails_fails_for_all_and_is_left_behind_by_nobody() -> None:
    async def broken(keys: list[int]) -> list[int]:
        raise OSError

    loader = SharedLoad[int, int](load_fn=broken)
    found = await asyncio.gather(loader.load(1), loader.load(1), return_exceptions=True)
    assert [type(one) for one in found] == [OSError, OSError]
