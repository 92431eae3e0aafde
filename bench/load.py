"""A load generator: a process of its own, told by one line of JSON what to send, answering with one line of figures.

`python -m bench.load`. Closed-loop: each client sends its next request when it has its answer.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import uvloop

from simulation.keep_alive import Endpoint, KeepAlive
from simulation.latency import latency
from simulation.made_up_address import made_up_address

_BUSY = 503
_PAUSE = 0.2
"""Seconds before a client that was told to come back asks again; sooner than it was told, for a round is short."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent, from where to where: `bodies` is a file with a body a line, sent from line `begin` on.

    A file of one line is sent again and again. `marker` stands in each good answer.
    """

    url: str
    bodies: str
    marker: str
    seconds: float
    clients: int = 32
    begin: int = 0
    token: str | None = None
    rate: float | None = None
    """How many a second, where not as fast as it goes."""


@dataclass(slots=True)
class _Course:
    seconds: list[float] = field(default_factory=list)
    size: int = 0
    refused: int = 0


async def send(load: Load, bodies: Sequence[bytes]) -> dict[str, Any]:
    """Sends for so many seconds; how many answers, how long each took, how large they were, and how many refusals.

    Raises RuntimeError for an answer that is not what was asked for, and where there is nothing left to send.
    """
    marker = load.marker.encode()
    done = _Course()
    numbers = count(load.begin)
    begun = time.monotonic()
    end = begun + load.seconds

    async def one_after_another(client: KeepAlive) -> None:
        while (sent := time.monotonic()) < end:
            number = next(numbers)
            if load.rate is not None:
                # Its own moment at the rate that is asked for.
                await asyncio.sleep(max(0.0, begun + (number - load.begin) / load.rate - time.monotonic()))
                sent = time.monotonic()
            if number >= len(bodies) > 1:
                raise RuntimeError(f"only {len(bodies)} bodies were drawn")
            body = bodies[number % len(bodies)]
            reply = await client.post(body, load.token, made_up_address(str(number)))
            if reply.status == _BUSY:
                done.refused += 1
                await asyncio.sleep(_PAUSE)
                continue
            if reply.status != 200 or marker not in reply.body:
                raise RuntimeError(f"refused with {reply.status}: {reply.body[:400]!r}")
            done.seconds.append(time.monotonic() - sent)
            done.size += len(reply.body)

    clients = [KeepAlive(Endpoint.of(load.url)) for _ in range(load.clients)]
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(one_after_another(client))
    lasted = time.monotonic() - begun
    for client in clients:
        client.close()
    answers = len(done.seconds)
    return {
        "answers": answers,
        "refused": done.refused,
        "seconds": lasted,
        "bytes": done.size // max(answers, 1),
        "ms": latency(done.seconds).record(),
        "worked": time.process_time(),
    }


def main() -> None:
    """One load."""
    load = Load(**orjson.loads(sys.stdin.buffer.readline()))
    bodies = Path(load.bodies).read_bytes().splitlines()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(orjson.dumps(runner.run(send(load, bodies))) + b"\n")


if __name__ == "__main__":
    main()
