"""What waits at the same moment is written together: no timer, and nobody waits for company."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from contextvars import Context
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeVar

import structlog

from telemetry.doing import part

MOST_AT_ONCE = 256
"""What one transaction holds at most: people declared. The loop stands still while its rows are put together."""

MOST_IN_FLIGHT = 2
"""While one transaction flushes to disk the next is under way; docs/decisions/0037 has what other numbers cost."""

logger = structlog.get_logger(__name__)


class Turn(Enum):
    """What a shared write says of an order that it has not written."""

    ALONE = "alone"
    """In a transaction of its own: there it gets the answer, or the error, that it would have got without company."""
    LATER = "later"
    """In another one, after this: it belongs together with one that was written. Never said of the first."""


class Order(Protocol):
    """What somebody waits for to be written."""

    @property
    def tags(self) -> Collection[Hashable]:
        """What it shares with every order that it must not be written beside: those wait for each other."""

    @property
    def size(self) -> int:
        """How much of a transaction it fills."""


Ordered = TypeVar("Ordered", bound=Order)
Answer = TypeVar("Answer")

Alone = Callable[[Ordered], Awaitable[Answer]]
Many = Callable[[Sequence[Ordered]], Awaitable[Sequence[Answer | Exception | Turn]]]


@dataclass(eq=False, slots=True)
class _Waiting:
    """An order, and whoever waits for what comes of it."""

    order: Any
    many: Any
    outcome: asyncio.Future[Any]
    batch: "_Batch | None" = None
    tagged: bool = False
    """Whether its tags are held until it has been written alone."""


@dataclass(eq=False, slots=True)
class _Batch:
    """Orders that share a transaction."""

    orders: list[_Waiting]
    task: "asyncio.Task[Any] | None" = None
    """What writes it, once it has begun: a task that is cancelled before that would never come to its end."""

    def deserted(self) -> bool:
        """Whether nobody waits for it any more."""
        return all(waiting.outcome.done() for waiting in self.orders)

    def left(self) -> None:
        """Somebody has gone. With the last one the write ends, as it does for one who is alone: a database that hangs
        must not hold it for ever."""
        if self.task is not None and self.deserted():
            self.task.cancel()


class Together:
    """The orders of one kind in a process.

    Who comes while fewer than `in_flight` writes are under way is written alone and at once, in a transaction of its
    own and by its own task. Who comes later waits until one returns, and goes with all who wait then.

    Orders with a tag in common are written one after the other, in the order in which they came.
    """

    def __init__(self, *, most: int = MOST_AT_ONCE, in_flight: int = MOST_IN_FLIGHT, on: bool = True) -> None:
        """`most` is the greatest size of a transaction; not `on`, everybody is written alone and nobody waits."""
        self._most, self._slots, self._on = most, in_flight, on
        self._in_flight = 0
        self._waiting: deque[_Waiting] = deque()
        self._at_work: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, order: Ordered, alone: Alone[Ordered, Answer], many: Many[Ordered, Answer]) -> Answer:
        """What comes of the order; raises what `alone` raises, or what `many` says of it.

        `many` writes orders in one transaction, all or nothing, and says of each what came of it once that is
        committed. Where it fails, each is written alone.
        """
        if not self._on:
            return await alone(order)
        if self._in_flight < self._slots and not self._waiting and self._at_work.isdisjoint(order.tags):
            self._in_flight += 1
            self._at_work.update(order.tags)
            try:
                return await alone(order)
            finally:
                self._in_flight -= 1
                self._release(order)
        return await self._with_others(order, alone, many)

    async def _with_others(self, order: Ordered, alone: Alone[Ordered, Answer], many: Many[Ordered, Answer]) -> Answer:
        waiting = _Waiting(order, many, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._begin()
        try:
            with part("together"):
                outcome: Answer | Exception | Turn = await waiting.outcome
            if outcome is Turn.ALONE:
                return await alone(order)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome  # type: ignore[return-value]  # LATER is said to nobody: who is told it waits on
        finally:
            self._gone(waiting)

    def _gone(self, waiting: _Waiting) -> None:
        if waiting.tagged:
            self._release(waiting.order)
        elif waiting.batch is not None:
            waiting.batch.left()
        elif waiting.outcome.cancelled() and waiting in self._waiting:
            # Others may have waited for it, and for nothing else.
            self._waiting.remove(waiting)
            self._begin()

    def _release(self, order: Order) -> None:
        self._at_work.difference_update(order.tags)
        self._begin()

    def _begin(self) -> None:
        while self._in_flight < self._slots and (orders := self._next()):
            self._in_flight += 1
            batch = _Batch(orders)
            for waiting in orders:
                waiting.batch = batch
                self._at_work.update(waiting.order.tags)
            # Not in the context of whoever happens to begin it: this is at work for all of them.
            task = asyncio.get_running_loop().create_task(self._write(batch), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _next(self) -> list[_Waiting]:
        """Those who wait, from the first on, as many as fit; without those who belong with one at work or before."""
        taken: list[_Waiting] = []
        kept: list[_Waiting] = []
        held, size = set(self._at_work), 0
        while self._waiting and size < self._most:
            waiting = self._waiting.popleft()
            if waiting.outcome.done():
                continue
            # Of those kept as well: who belongs with one of them comes after it.
            free = held.isdisjoint(waiting.order.tags)
            held.update(waiting.order.tags)
            if free and taken and size + waiting.order.size > self._most:
                kept.append(waiting)
                break
            if free:
                taken.append(waiting)
                size += waiting.order.size
            else:
                kept.append(waiting)
        self._waiting.extendleft(reversed(kept))
        return taken

    async def _write(self, batch: _Batch) -> None:
        orders = batch.orders
        outcomes: Sequence[Any] = [Turn.ALONE] * len(orders)
        batch.task = asyncio.current_task()
        try:
            if not batch.deserted():
                outcomes = await orders[0].many([waiting.order for waiting in orders])
        except Exception as error:  # Whatever it is: each finds out alone whether it is its own.
            logger.warning("written_alone", error=type(error).__name__, orders=len(orders))
        finally:
            self._in_flight -= 1
            batch.task = None
            self._tell(orders, outcomes)
            self._begin()

    def _tell(self, orders: Sequence[_Waiting], outcomes: Sequence[Any]) -> None:
        again: list[_Waiting] = []
        for waiting, outcome in zip(orders, outcomes, strict=True):
            waiting.batch = None
            waiting.tagged = outcome is Turn.ALONE and not waiting.outcome.done()
            if not waiting.tagged:
                self._at_work.difference_update(waiting.order.tags)
            if waiting.outcome.done():
                continue
            if outcome is Turn.LATER:
                again.append(waiting)
            else:
                waiting.outcome.set_result(outcome)
        self._waiting.extendleft(reversed(again))
