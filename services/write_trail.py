"""Writing the trail of what was shown, before it is shown: whoever waits at the same moment shares an INSERT."""

import asyncio
from collections.abc import Callable, Sequence

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.exceptions import BaseORMException

from access.trail import Line, append
from models.database import service_connection

MOST_WAITING = 5_000
"""Lines that may wait; beyond it the database is further behind than a caller would wait for."""

_MOST_AT_ONCE = 500
_IN_FLIGHT = 2

Write = tuple[Sequence[Line], asyncio.Future[None]]


class NoTrail(Exception):
    """The trail could not be written, so nothing may be shown."""


class TrailWriter:
    """The lines of a process. There is no timer: while one INSERT is under way, the lines of the next come together."""

    def __init__(self, database: Callable[[], AsyncpgDBClient] = service_connection) -> None:
        """`database` gives the connections to write with: each INSERT is a transaction of its own."""
        self._database = database
        self._waiting: list[Write] = []
        self._lines = 0
        self._writing: set[asyncio.Task[None]] = set()

    async def write(self, lines: Sequence[Line]) -> None:
        """Returns when these lines are committed. Raises NoTrail where they cannot be."""
        if not lines:
            return
        if self._lines >= MOST_WAITING:
            raise NoTrail
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, written))
        self._lines += len(lines)
        if len(self._writing) < _IN_FLIGHT:
            task = asyncio.create_task(self._write_all())
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            taken = self._take()
            try:
                # Of those who have gone meanwhile the lines are written too: one trace too many harms nobody.
                await append(self._database(), [line for lines, _ in taken for line in lines])
            except (asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException, OSError) as error:
                refused = NoTrail()
                refused.__cause__ = error
                _tell(taken, refused)
            except BaseException:
                _tell(taken, NoTrail())
                raise
            else:
                _tell(taken, None)

    def _take(self) -> list[Write]:
        taken: list[Write] = []
        size = 0
        while self._waiting and size < _MOST_AT_ONCE:
            taken.append(self._waiting.pop(0))
            size += len(taken[-1][0])
        self._lines -= size
        return taken


def _tell(taken: list[Write], refused: NoTrail | None) -> None:
    for _, written in taken:
        # Whoever has stopped waiting is told nothing.
        if not written.done():
            if refused is None:
                written.set_result(None)
            else:
                written.set_exception(refused)
