"""A gate lets through whoever comes while it is open, and all who wait when it opens."""

import asyncio

from process.gate import Gate


async def test_it_lets_through_while_it_is_open() -> None:
    gate = Gate()
    assert gate.is_set()
    await gate.wait()


async def test_all_who_wait_go_on_when_it_opens_also_where_it_closes_again_at_once() -> None:
    gate = Gate()
    gate.clear()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(3)]
    await asyncio.sleep(0)  # One turn of the loop.
    assert not any(one.done() for one in waiting)
    gate.set()
    gate.clear()
    await asyncio.gather(*waiting)
    assert not gate.is_set()


async def test_who_has_given_up_holds_nobody_back() -> None:
    gate = Gate()
    gate.clear()
    given_up, waits = asyncio.create_task(gate.wait()), asyncio.create_task(gate.wait())
    await asyncio.sleep(0)  # One turn of the loop.
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    gate.set()
    await waits
