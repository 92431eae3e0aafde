"""Making declarations wait at the same moment, so that they share a transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from services.runtime import Runtime
from services.together import Together


@dataclass(eq=False)
class _Gate:
    """An order that writes nothing and is at work until it is let go."""

    tags: frozenset[str] = frozenset()
    size: int = 1


class Batches(Together):
    """Orders that all wait until somebody opens; it remembers with how many others each was written."""

    def __init__(self, *, in_flight: int = 1, most: int = 256) -> None:
        super().__init__(in_flight=in_flight, most=most)
        self.sizes: list[int] = []
        self.alone = 0

    async def take(self, order: Any, alone: Any, many: Any) -> Any:
        """Counts how the order is written."""

        async def counted_alone(order: Any) -> Any:
            self.alone += 1
            return await alone(order)

        async def counted(orders: Sequence[Any]) -> Any:
            self.sizes.append(len(orders))
            return await many(orders)

        return await super().take(order, counted_alone, counted)

    @asynccontextmanager
    async def closed(self) -> Any:
        """Whoever comes meanwhile waits."""
        opened = asyncio.Event()

        async def wait(_: Any) -> Any:
            await opened.wait()

        gates = [asyncio.create_task(Together.take(self, _Gate(), wait, wait)) for _ in range(self._slots)]
        try:
            await asyncio.sleep(0)
            yield
        finally:
            opened.set()
            await asyncio.gather(*gates)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    async def came(self, count: int) -> None:
        """Returns when so many wait."""
        while self.waiting < count:  # noqa: ASYNC110 - a queue sets no event
            await asyncio.sleep(0)

    async def were_alone(self, count: int) -> None:
        """Returns when so many have begun to be written alone."""
        while self.alone < count:  # noqa: ASYNC110 - a queue sets no event
            await asyncio.sleep(0)


async def at_once(runtime: Runtime, batches: Batches, calls: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """What becomes of the calls, sent in this order while nothing is written: receipts and errors."""
    async with batches.closed():
        sent = []
        for call in calls:
            sent.append(asyncio.ensure_future(call()))
            waiting = batches.waiting
            # Each has come as far as it comes by itself before the next one is sent.
            while batches.waiting == waiting and not sent[-1].done():  # noqa: ASYNC110 - a queue sets no event
                await asyncio.sleep(0)
    return await asyncio.gather(*sent, return_exceptions=True)
