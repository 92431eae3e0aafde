"""What many ask for at the same moment is read once: no timer, nothing kept, and nobody is told what is older than
their question."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from telemetry.doing import part

T = TypeVar("T")

_Read = Callable[[], Awaitable[Any]]


@dataclass(eq=False, slots=True)
class _Company:
    """Those who came while a reading was under way, and share the next one."""

    read: _Read
    outcome: asyncio.Future[Any]
    waiting: int = 0
    task: "asyncio.Task[None] | None" = field(default=None)


class SharedReads:
    """The readings of a process, by what is asked: of each at most one is under way.

    A reading that has begun may have missed what was committed before somebody asked, so whoever comes later is not
    told of it: they wait until it has ended, and share one that begins then.
    """

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._under_way: dict[Hashable, _Company | None] = {}

    async def read(self, asked: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` finds, or another who has asked the same; raises what that reading raises.

        Everything that the answer depends on has to stand in `asked`: also who may see what.
        """
        if asked not in self._under_way:
            self._under_way[asked] = None
            try:
                return await read()
            finally:
                self._go_on(asked)
        company = self._under_way[asked]
        if company is None:
            company = self._under_way[asked] = _Company(read, asyncio.get_running_loop().create_future())
        company.waiting += 1
        try:
            with part("shared"):
                # Who leaves takes nothing from the others.
                found: T = await asyncio.shield(company.outcome)
            return found
        finally:
            company.waiting -= 1
            if not company.waiting and company.task is not None:
                # With the last one it ends, as it does for one who is alone: a database that hangs must not hold it.
                company.task.cancel()

    def _go_on(self, asked: Hashable) -> None:
        company = self._under_way.pop(asked)
        if company is None or not company.waiting:
            return
        self._under_way[asked] = None
        # Not in the context of whoever happens to end: this is read for all of them.
        company.task = asyncio.get_running_loop().create_task(self._together(asked, company), context=Context())

    async def _together(self, asked: Hashable, company: _Company) -> None:
        try:
            company.outcome.set_result(await company.read())
        except Exception as error:  # Whatever it is: it is theirs who wait.
            if company.waiting:
                company.outcome.set_exception(error)
        finally:
            # Whoever waits where this was ended from outside is not to wait for ever.
            company.outcome.cancel()
            company.task = None
            self._go_on(asked)
