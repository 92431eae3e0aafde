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


class AtOnce(Generic[Q, A]):
    """There is no timer: while two statements are under way, the questions of the next come together.

    So whoever comes alone is asked for alone and at once, and of thousands who come back together hundreds share a
    statement. A question never gets an answer that was asked for before it.
    """

    def __init__(self, ask: Callable[[list[Q]], Awaitable[Sequence[A]]]) -> None:
        """`ask` gives the answers to some questions in their order."""
        self._ask = ask
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._in_flight = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        """The answer. Raises what asking has raised, for all that were asked together."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._in_flight < _IN_FLIGHT:
            self._in_flight += 1
            task = asyncio.create_task(self._ask_all())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                await self._ask_some()
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
