"""Stations that take some of their alerts and close some of what they took, asking until they are answered."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.asking import Asker, NeverAnswered
from chaos.book import Book
from simulation.client import request
from simulation.keep_alive import Endpoint
from simulation.operations import ACKNOWLEDGE

RESOLVE = """\
mutation Resolve($input: ResolveAlertInput!) {
  resolveAlert(input: $input) { __typename ... on Problem { code message } }
}"""

_TAKES, _RESOLVES = 0.4, 0.5
_CLIENTS = 6


@dataclass(slots=True)
class Staff:
    """The hands of all stations: `hear` is told what was raised, and some of it is taken a moment later."""

    endpoints: Sequence[Endpoint]
    book: Book
    seed: int
    stopped: bool = False
    _queue: "asyncio.Queue[tuple[str, str]]" = field(default_factory=asyncio.Queue)
    _draw: random.Random = field(default_factory=random.Random)
    _cases: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """The same seed decides alike."""
        self._draw.seed(f"staff {self.seed}")

    def hear(self, token: str, alert: str, case: str) -> None:
        """A station hears of an alert; of a case with two, one is taken, which takes both."""
        if self.stopped or case in self._cases or self._draw.random() > _TAKES:
            return
        self._cases.add(case)
        self._queue.put_nowait((token, alert))

    def stop(self) -> None:
        """Takes nothing more; what was begun is ended."""
        self.stopped = True
        while not self._queue.empty():
            self._queue.get_nowait()
            self._queue.task_done()

    async def done(self, patience: float) -> bool:
        """Whether everything that was begun got its answer within so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._queue.join()
                return True
        return False

    async def run(self) -> None:
        """Works until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(_CLIENTS):
                group.create_task(self._work(random.Random(f"hands {self.seed} {number}")))

    async def _work(self, draw: random.Random) -> None:
        asker = Asker(self.endpoints, self.book, draw)
        try:
            while True:
                token, alert = await self._queue.get()
                try:
                    await self._take(asker, token, alert, draw)
                except NeverAnswered:
                    self.book.wrong.append(f"nobody answered whether the alert {alert} was taken")
                self._queue.task_done()
        finally:
            asker.close()

    async def _take(self, asker: Asker, token: str, alert: str, draw: random.Random) -> None:
        if not await self._say(asker, token, ACKNOWLEDGE, "acknowledgeAlert", {"id": alert}):
            return
        self.book.acknowledged.add(alert)
        if draw.random() > _RESOLVES:
            return
        given = {"id": alert, "outcome": "ADVISED", "note": "gọi lại sau"}
        if await self._say(asker, token, RESOLVE, "resolveAlert", given):
            self.book.resolved.add(alert)

    async def _say(self, asker: Asker, token: str, document: str, name: str, given: dict[str, str]) -> bool:
        until = asyncio.get_running_loop().time() + 120.0
        answer = (await asker.ask(request(document, {"input": given}), until, token))[name]
        if "code" in answer:
            self.book.wrong.append(f"{name} of {given['id']} was refused: {answer}")
            return False
        return True
