"""Subscribers in a process of their own: `python -m overload.listening` takes a job as a line of JSON.

It says when all are subscribed, and at the end of its input what they have heard. Some of their alerts are taken.
"""

import asyncio
import gc
import sys
import time
from collections import Counter
from datetime import datetime
from typing import Any

import orjson
import uvloop

from overload.screen import Screen
from simulation.client import Client, Refused, Unreachable
from simulation.keep_alive import Endpoint
from simulation.operations import ACKNOWLEDGE


class Listening:
    """All screens of this process."""

    def __init__(self, job: dict[str, Any]) -> None:
        endpoint = Endpoint.of(job["url"])
        self._tokens: list[str] = job["tokens"]
        self._behind: float = job["behind"]
        self._screens = [
            Screen(endpoint.websocket, job["number"] + place, token, self._hear)
            for place, token in enumerate(self._tokens)
        ]
        self._first = job["number"]
        self._takes = job["takes"]
        self._heard: list[tuple[float, float]] = []
        self._took: list[float] = []
        self._untaken: Counter[str] = Counter()
        self._due: asyncio.Queue[tuple[str, str]] = asyncio.Queue(maxsize=2)
        # Without patience: whether the first try is answered is what is asked here.
        self._client = Client(endpoint, patience=0.0)
        self._seen: set[str] = set()

    async def run(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        """Until the input ends."""
        begun = time.monotonic()
        tasks = [asyncio.create_task(screen.run()) for screen in self._screens]
        tasks.append(asyncio.create_task(self._take()))
        await asyncio.gather(*(screen.open.wait() for screen in self._screens))
        _tell({"open": len(self._screens), "seconds": time.monotonic() - begun, "ends": self._ends()})
        await reader.read()
        still = sum(screen.open.is_set() for screen in self._screens)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return {
            "open": still,
            "heard": self._heard,
            "ends": self._ends(),
            "took": self._took,
            "untaken": dict(self._untaken),
        }

    def _ends(self) -> dict[str, int]:
        return dict(sum((screen.ends for screen in self._screens), Counter()))

    def _hear(self, number: int, event: dict[str, Any]) -> None:
        arrived = time.time()
        self._heard.append((arrived, arrived - datetime.fromisoformat(event["at"]).timestamp() - self._behind))
        alert = event["alert"]["id"]
        if event["change"] == "RAISED" and self._takes and alert not in self._seen and not self._due.full():
            self._seen.add(alert)
            self._due.put_nowait((alert, self._tokens[number - self._first]))

    async def _take(self) -> None:
        while True:
            alert, token = await self._due.get()
            begun = time.monotonic()
            try:
                data = await self._client.call(ACKNOWLEDGE, {"input": {"id": alert}}, token)
            except (Refused, Unreachable) as error:
                self._untaken[str(error)] += 1
            else:
                # Who may not take it, as a committee, is answered as well.
                if data["acknowledgeAlert"]["__typename"] == "TooManyRequests":
                    self._untaken["TooManyRequests"] += 1
                self._took.append(time.monotonic() - begun)
            # A station does not answer faster than hands do.
            await asyncio.sleep(0.1)


def _tell(found: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
    sys.stdout.flush()


async def main() -> None:
    """One job."""
    reader = asyncio.StreamReader(limit=2**27)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    listening = Listening(orjson.loads(await reader.readline()))
    gc.freeze()
    _tell(await listening.run(reader))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
