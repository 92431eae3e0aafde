"""Waiting for what must come, with an end."""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 15.0
_LOOK = 0.05


async def until(reached: Callable[[], bool], moving: Callable[[], int], patience: float = PATIENCE) -> bool:
    """Whether it is `reached`, waiting for it no longer than `patience` seconds after `moving` has last changed."""
    last, since = moving(), time.monotonic()
    while not reached():
        if time.monotonic() - since > patience:
            return False
        # Looked at instead of signalled: what is waited for is the sum of three hundred sockets.
        await asyncio.sleep(_LOOK)
        if moving() != last:
            last, since = moving(), time.monotonic()
    return True
