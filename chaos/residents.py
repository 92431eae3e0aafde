"""Residents who declare at full speed, send again what was not answered, and sometimes what was."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaos.asking import Asker, NeverAnswered
from chaos.book import Book, Sent
from simulation.declaring import declare_body
from simulation.household import Household
from simulation.keep_alive import Endpoint
from simulation.made_up_address import made_up_address

_HANGS_UP = 0.03
_SENDS_AGAIN = 0.03


@dataclass(slots=True)
class Residents:
    """So many phones at once, which take one household after another until `stop`."""

    endpoints: Sequence[Endpoint]
    book: Book
    people: Iterator[Household]
    count: int
    seed: int
    patience: float
    """How long a household that has begun goes on asking after `stop`, in seconds."""
    stopped: bool = False
    until: float = float("inf")

    @property
    def _run(self) -> str:
        return f"chaos{self.seed}"

    def stop(self) -> None:
        """No new household begins; those that have begun go on until they are answered."""
        self.stopped = True
        self.until = asyncio.get_running_loop().time() + self.patience

    async def run(self) -> None:
        """Returns after `stop`, when everybody who had begun is answered, or nobody will be."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.count):
                group.create_task(self._phone(random.Random(f"phone {self.seed} {number}")))

    async def _phone(self, draw: random.Random) -> None:
        asker = Asker(self.endpoints, self.book, draw)
        try:
            while not self.stopped:
                household = next(self.people)
                sent = Sent(f"replay-{self._run}-{household.number}", household)
                self.book.sent[sent.key] = sent
                await self._declare(asker, sent, draw)
        finally:
            asker.close()

    async def _declare(self, asker: Asker, sent: Sent, draw: random.Random) -> None:
        body = declare_body(sent.household, self._run)
        address = made_up_address(sent.household.phone)
        begun = time.monotonic()
        if draw.random() < _HANGS_UP:
            await asker.lose(body, address)
        again = 2 if draw.random() < _SENDS_AGAIN else 1
        for _ in range(again):
            try:
                answer = (await self._answer(asker, body, address))["declare"]
            except NeverAnswered:
                self.book.wrong.append(f"the declaration {sent.key} was never answered")
                return
            if answer["__typename"] == "Receipt":
                self.book.accept(sent, answer["code"], asker.server)
            else:
                self.book.wrong.append(f"the declaration {sent.key} was refused: {answer}")
        self.book.seconds.append(time.monotonic() - begun)

    async def _answer(self, asker: Asker, body: bytes, address: str) -> dict[str, dict[str, str]]:
        loop = asyncio.get_running_loop()
        while True:
            # In short turns, because how long it may go on is known only when the run comes to its end.
            try:
                return dict(await asker.ask(body, min(loop.time() + 1.0, self.until), None, address))
            except NeverAnswered:
                if loop.time() >= self.until:
                    raise
                self.book.retries += 1
