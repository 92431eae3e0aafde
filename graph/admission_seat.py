"""A place that somebody has among those who are at work, and for how long."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from types import TracebackType
from typing import TypeVar

from graph.admission_lane import Lane
from graph.admission_queue import Queue
from graph.overloaded import Overloaded

T = TypeVar("T")

_OPENING_SECONDS = 0.05
_LOOK_AGAIN_SECONDS = 0.1


class Seat:
    """A place that somebody has; `with seat:` gives it back at the end.

    Of a subscription only the opening is work: it is given back after a twentieth of a second, by which openings are
    paced, for a quiet one says nothing when it stands; and what stays counted is that there is one more.
    """

    def __init__(
        self,
        queue: Queue,
        lane: Lane,
        *,
        ends: Callable[[], None] | None = None,
        left: float | None = None,
        late: Callable[[], Overloaded] | None = None,
    ) -> None:
        """A place that was taken. `ends` is called when something ends that stays, which a subscription does; `late`
        makes the refusal of what was given up after `left` seconds.
        """
        self._queue, self._lane, self._ends = queue, lane, ends
        self._left, self._late = left, late
        self._began = time.monotonic()
        self._held = True
        self._timer: asyncio.TimerHandle | None = None
        if ends is not None:
            asyncio.get_running_loop().call_later(_OPENING_SECONDS, self.opened)

    @property
    def stays(self) -> bool:
        """Whether it is a subscription's."""
        return self._ends is not None

    def opened(self) -> None:
        """Gives the place back; once."""
        if self._held:
            self._held = False
            self._queue.leave(self._lane, time.monotonic() - self._began)

    async def within(self, answer: Awaitable[T]) -> T:
        """What is worked out on this place. Raises Overloaded where that takes too long while others are refused."""
        if self._left is None or self._late is None:
            return await answer
        try:
            async with asyncio.timeout(None) as deadline:
                self._watch(deadline, self._left)
                return await answer
        except TimeoutError:
            if not deadline.expired():
                raise
            raise self._late() from None
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _watch(self, deadline: asyncio.Timeout, seconds: float) -> None:
        loop = asyncio.get_running_loop()

        def look() -> None:
            # Asked when its time is over and not when it came: what came last before a storm is caught in it as well.
            if self._queue.crowded:
                deadline.reschedule(loop.time())
            else:
                self._watch(deadline, _LOOK_AGAIN_SECONDS)

        self._timer = loop.call_later(seconds, look)

    def each(self, answers: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """What comes of a stream that is worked out on this place; of a query's the first is bounded as by `within`.

        Closes the stream when it is closed. Raises Overloaded.
        """
        return answers if self._left is None else self._each_within(answers)

    async def _each_within(self, answers: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        async with aclosing(answers):
            with suppress(StopAsyncIteration):
                yield await self.within(anext(answers))
                async for answer in answers:
                    yield answer

    def __enter__(self) -> "Seat":
        """Holds it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Gives it back."""
        self.opened()
        ends, self._ends = self._ends, None
        if ends is not None:
            ends()
