"""Sending the households in their order, over a fixed number of connections, while the clock goes along."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from simulation.client import Client, Refused
from simulation.course import Course
from simulation.declaring import declare_body
from simulation.household import Household
from simulation.keep_alive import Endpoint
from simulation.made_up_address import made_up_address
from simulation.operations import INSTALLATION

CLIENTS = 32
STEP = timedelta(minutes=10)
_MOST_REFUSALS = 20
_LOOK = 0.05


@dataclass(slots=True)
class Feed:
    """Declares households from `clients` connections at once.

    Before the first household of each step of ten minutes, and of each day, `turn` is awaited with its moment; a day
    is turned only when everything of the day before has its answer, or it would count for the wrong day. `passed` hears
    the number of each household as it is handed out.
    """

    endpoint: Endpoint
    course: Course
    turn: Callable[[datetime], Awaitable[None]]
    passed: Callable[[int], Awaitable[None]]
    rate: float | None = None
    run: str = ""
    clients: int = CLIENTS
    _queue: asyncio.Queue[tuple[Household, bytes]] = field(default_factory=lambda: asyncio.Queue(2 * CLIENTS))

    async def declare(self, households: Sequence[Household]) -> None:
        """Sends all of them and returns when each has its receipt. Raises Refused or Unreachable.

        A refusal of one household does not stop the others, unless there are many.
        """
        # Made beforehand: a phone has its declaration ready too when its owner presses the button.
        bodies = [declare_body(household, self.run) for household in households]
        clients = [Client(self.endpoint) for _ in range(self.clients)]
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._work(client)) for client in clients]
            await self._hand_out(households, bodies, clients)
            await self._queue.join()
            for worker in workers:
                worker.cancel()

    async def _hand_out(
        self, households: Sequence[Household], bodies: Sequence[bytes], clients: Sequence[Client]
    ) -> None:
        step: datetime | None = None
        day: date | None = None
        people = 0
        begun = time.monotonic()
        for number, (household, body) in enumerate(zip(households, bodies, strict=True)):
            if household.day != day:
                await self._queue.join()
                day = household.day
                step = household.moment
                await self.turn(step)
                await asyncio.gather(*(_sees(client, step) for client in clients))
            elif step is None or household.moment >= step + STEP:
                step = household.moment
                await self.turn(step)
            await self._queue.put((household, body))
            await self.passed(number)
            people += len(household.people)
            if self.rate:
                await asyncio.sleep(max(0.0, begun + people / self.rate - time.monotonic()))

    async def _work(self, client: Client) -> None:
        course = self.course
        try:
            while True:
                household, body = await self._queue.get()
                sent = course.sent_at[household.phone] = time.monotonic()
                answer = (await client.send(body, address=made_up_address(household.phone)))["declare"]
                seconds = time.monotonic() - sent
                if answer["__typename"] == "Receipt":
                    course.accepted(len(household.people), seconds)
                else:
                    self._note(household, answer)
                self._queue.task_done()
        finally:
            # Where this is a refusal, the group ends the others: the run stops with its reason, and waits for nobody.
            course.retried += client.retries
            client.close()

    def _note(self, household: Household, answer: dict[str, object]) -> None:
        self.course.refusals.append(f"household {household.number}: {answer}")
        if len(self.course.refusals) > _MOST_REFUSALS:
            raise Refused(str(answer.get("problem")), self.course.refusals[0])


async def _sees(client: Client, moment: datetime) -> None:
    """Waits until the process behind this client's connection has followed the clock to a moment of a new day.

    Of several processes only one moves the clock, and the others follow within a second or so.
    """
    while True:
        now = (await client.call(INSTALLATION))["installation"]["now"]
        if datetime.fromisoformat(now) >= moment:
            return
        await asyncio.sleep(_LOOK)
