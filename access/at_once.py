"""Questions that wait at the same moment, asked as one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

MOST = 500
"""Questions in one statement."""
_IN_FLIGHT = 2
GATHER_SECONDS = 0.04
"""For how long who is patient waits for company, where somebody else was asked for a moment ago."""


class AtOnce(Generic[Q, A]):
    """There is no timer: while two statements are under way, the questions of the next come together.

    So whoever comes alone is asked for alone and at once, and of thousands who come back together hundreds share a
    statement. A question never gets an answer that was asked for before it.

    Whoever is patient is asked for at once, too, but where another was a moment ago: screens that come back are let in
    a few at a time, and would each have a statement to themselves.
    """

    def __init__(self, ask: Callable[[list[Q]], Awaitable[Sequence[A]]]) -> None:
        """`ask` gives the answers to some questions in their order."""
        self._ask = ask
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._in_flight = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked_at = float("-inf")
        self._gathering = self._hurry = False

    async def ask(self, question: Q, *, patient: bool = False) -> A:
        """The answer. Raises what asking has raised, for all that were asked together.

        `patient` is whose answer may come some hundredths of a second later.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((question, answer))
        if patient and loop.time() - self._asked_at < GATHER_SECONDS:
            if not self._gathering:
                self._gathering = True
                loop.call_later(GATHER_SECONDS, self._gathered)
        else:
            self._begin()
        return await answer

    def _gathered(self) -> None:
        self._gathering = False
        if self._waiting:
            self._begin()

    def _begin(self) -> None:
        if self._in_flight >= _IN_FLIGHT:
            # Whoever comes back from asking is to ask on.
            self._hurry = True
        else:
            self._in_flight += 1
            self._asked_at = asyncio.get_running_loop().time()
            task = asyncio.create_task(self._ask_all())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                self._hurry = False
                await self._ask_some()
                if self._gathering and not self._hurry:
                    # Who came meanwhile is patient, and has a moment of their own.
                    return
        finally:
            # Here, and not when the task is forgotten: a question that comes in between would find nobody to ask it.
            self._in_flight -= 1

    async def _ask_some(self) -> None:
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        try:
            answers = await self._ask([question for question, _ in taken])
        except BaseException as error:
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(error if isinstance(error, Exception) else TimeoutError())
            if not isinstance(error, Exception):
                raise
            return
        for (_, answer), said in zip(taken, answers, strict=True):
            # Whoever has stopped waiting is told nothing.
            if not answer.done():
                answer.set_result(said)
