"""Whether the loop is behind."""

import asyncio
import time

from graph.admission_strain import Strain


def work(seconds: float) -> None:
    """Keeps the loop from turning, as a thousand refusals at once do."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


async def test_a_loop_that_does_not_turn_is_behind() -> None:
    found = Strain()
    assert not found.strained
    found.watch()
    async with asyncio.timeout(10):
        while not found.strained:
            work(0.3)
            await asyncio.sleep(0)  # Its timers come to their turn, late.
