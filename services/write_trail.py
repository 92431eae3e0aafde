"""Writing the trail of what was shown, before it is shown: whoever waits at the same moment shares an INSERT."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from access.at_once import GATHER_SECONDS
from access.trail import Line, append
from models.at_hand import Runner
from models.database import service_at_hand

MOST_WAITING = 5_000
"""Lines that may wait; beyond it the database is further behind than a caller would wait for."""

_MOST_AT_ONCE = 500
_IN_FLIGHT = 2

logger = structlog.get_logger(__name__)


class NoTrail(Exception):
    """The trail could not be written, so nothing may be shown."""


@dataclass(frozen=True, slots=True)
class _Write:
    """Some lines, and whoever waits for them."""

    lines: Sequence[Line]
    written: asyncio.Future[None]


class TrailWriter:
    """The lines of a process. There is no timer: while one INSERT is under way, the lines of the next come together."""

    def __init__(self, database: Callable[[], Runner] = service_at_hand) -> None:
        """`database` gives the connections to write with: each INSERT is a transaction of its own."""
        self._database = database
        self._waiting: deque[_Write] = deque()
        self._left: deque[Line] = deque()
        self._lines = 0
        self._in_flight = 0
        self._began_at = float("-inf")
        self._gathering = self._hurry = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, lines: Sequence[Line], *, patient: bool = False) -> None:
        """Returns when these lines are committed. Raises NoTrail where they cannot be.

        Lines that are `patient` wait some hundredths of a second for company, where others came a moment ago.
        """
        if not lines:
            return
        if self._lines >= MOST_WAITING:
            raise NoTrail
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        self._waiting.append(_Write(lines, written))
        self._lines += len(lines)
        if patient and loop.time() - self._began_at < GATHER_SECONDS:
            if not self._gathering:
                self._gathering = True
                loop.call_later(GATHER_SECONDS, self._gathered)
        else:
            self._begin()
        await written

    def leave(self, line: Line) -> None:
        """Takes a line that nobody waits for; where the database is away it is tried again by `drain`."""
        if len(self._left) >= MOST_WAITING:
            logger.error("trail_line_lost", action=line.action)
            return
        self._left.append(line)
        self._begin()

    async def drain(self, seconds: float = 5.0) -> None:
        """Writes what was left. Returns when it is written, has failed once more, or the time is over."""
        if self._left:
            self._begin()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)

    def _gathered(self) -> None:
        self._gathering = False
        if self._waiting:
            self._begin()

    def _begin(self) -> None:
        if self._in_flight >= _IN_FLIGHT:
            # Whoever comes back from writing is to write on.
            self._hurry = True
        else:
            self._in_flight += 1
            self._began_at = asyncio.get_running_loop().time()
            task = asyncio.create_task(self._write_all())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _write_all(self) -> None:
        try:
            while self._waiting or self._left:
                if self._waiting:
                    self._hurry = False
                    await self._write_waiting()
                # Apart from the others: a line that can never be written must not keep anybody from reading.
                elif not await self._write_left() and not self._waiting:
                    return
                if self._gathering and not self._hurry and not self._left:
                    # What came meanwhile is patient.
                    return
        finally:
            # Here, and not when the task is forgotten: a line that comes in between would find nobody to write it.
            self._in_flight -= 1

    async def _write_waiting(self) -> None:
        taken: list[_Write] = []
        size = 0
        while self._waiting and size < _MOST_AT_ONCE:
            taken.append(self._waiting.popleft())
            size += len(taken[-1].lines)
        self._lines -= size
        try:
            # Of those who have gone meanwhile the lines are written too: one trace too many harms nobody.
            await append(self._database(), [line for write in taken for line in write.lines])
        except Exception as error:  # Whatever it is, those who wait must not be shown anything.
            _tell(taken, error)
        except BaseException:
            _tell(taken, TimeoutError())
            raise
        else:
            _tell(taken, None)

    async def _write_left(self) -> bool:
        lines = [self._left.popleft() for _ in range(min(len(self._left), _MOST_AT_ONCE))]
        try:
            await append(self._database(), lines)
        except BaseException as error:
            self._left.extendleft(reversed(lines))
            logger.warning("trail_waits", error=type(error).__name__, lines=len(self._left))
            if not isinstance(error, Exception):
                raise
            return False
        return True


def _tell(taken: list[_Write], error: Exception | None) -> None:
    for write in taken:
        # Whoever has stopped waiting is told nothing.
        if write.written.done():
            continue
        if error is None:
            write.written.set_result(None)
        else:
            refused = NoTrail()
            refused.__cause__ = error
            write.written.set_exception(refused)
