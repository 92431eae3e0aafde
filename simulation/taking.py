"""The stations' hands: they take the alerts that are due, over few connections, while the rest goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from simulation.answering import Answer
from simulation.client import Client
from simulation.course import Course
from simulation.keep_alive import Endpoint
from simulation.operations import ACKNOWLEDGE

_CLIENTS = 4


@dataclass(slots=True)
class Taking:
    """Acknowledges alerts as the stations they are for; `token_of` gives a ward's station's token."""

    endpoint: Endpoint
    course: Course
    token_of: Callable[[str], str]
    _queue: asyncio.Queue[Answer] = field(default_factory=asyncio.Queue)

    def take(self, answers: list[Answer]) -> None:
        """Queues alerts to be taken now."""
        for answer in answers:
            self._queue.put_nowait(answer)

    async def done(self) -> None:
        """Returns when all that was queued has its answer."""
        await self._queue.join()

    async def run(self) -> None:
        """Works until it is cancelled. Raises Refused or Unreachable (in a group)."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_CLIENTS):
                group.create_task(self._work(Client(self.endpoint)))

    async def _work(self, client: Client) -> None:
        try:
            while True:
                answer = await self._queue.get()
                data = await client.call(ACKNOWLEDGE, {"input": {"id": answer.alert}}, self.token_of(answer.ward))
                if "code" in data["acknowledgeAlert"]:
                    self.course.refusals.append(f"acknowledging {answer.alert}: {data['acknowledgeAlert']}")
                else:
                    self.course.acknowledged += 1
                self._queue.task_done()
        finally:
            client.close()
