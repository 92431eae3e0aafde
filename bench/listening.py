"""Listeners in a process of their own: `python -m bench.listening` takes a line of JSON and opens that many.

Then, for each line that it is sent, it says when so many deliveries had come, and how old what came was.
"""

import asyncio
import gc
import sys
import time
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
import uvloop

from bench.listener import Listener
from simulation.keep_alive import Endpoint
from simulation.latency import latency

T = TypeVar("T")

_AT_ONCE = 16
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Listening:
    """Who listens: `tokens` and `variables` are shared out, one after the other; without tokens nobody signs in."""

    url: str
    count: int
    document: str
    tokens: list[str]
    variables: list[dict[str, str]]
    behind: float


def _turn(given: list[T], number: int) -> T | None:
    return given[number % len(given)] if given else None


async def _open(job: Listening) -> list[Listener]:
    endpoint = Endpoint.of(job.url)
    listeners = [
        Listener(endpoint, number, job.document, _turn(job.tokens, number), _turn(job.variables, number), job.behind)
        for number in range(job.count)
    ]
    waiting = iter(listeners)

    async def one_after_another() -> None:
        for listener in waiting:
            await listener.connect()

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(one_after_another())
    return listeners


async def _heard(listeners: list[Listener], deliveries: int, since: float) -> dict[str, Any]:
    """How long after `since` so many deliveries had come, and how old events were when they came, in seconds."""
    end = time.monotonic() + _PATIENCE
    # Looked at instead of signalled: a signal of each of five thousand would be in what is measured.
    while sum(len(one.arrived) for one in listeners) < deliveries and time.monotonic() < end:  # noqa: ASYNC110 - as said
        await asyncio.sleep(0.05)
    came = sorted(at - since for listener in listeners for at in listener.arrived)
    old = [age for listener in listeners for age in listener.since_written]
    for listener in listeners:
        listener.arrived.clear()
        listener.since_written.clear()
    closed = [listener.closed for listener in listeners if listener.closed]
    found = {"deliveries": len(came), "age_ms": latency(old).record(), "closed": len(closed), "why": closed[:1]}
    return found | ({"median": came[len(came) // 2], "last": came[-1]} if came else {})


def _tell(found: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
    sys.stdout.flush()


async def _run() -> None:
    reader = asyncio.StreamReader(limit=2**27)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    begun = time.monotonic()
    listeners = await _open(Listening(**orjson.loads(await reader.readline())))
    gc.collect()
    gc.freeze()
    _tell({"open": len(listeners), "seconds": time.monotonic() - begun})
    while line := await reader.readline():
        job = orjson.loads(line)
        _tell(await _heard(listeners, job["deliveries"], job["since"]))
    for listener in listeners:
        listener.close()


def main() -> None:
    """One job, until its input ends."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run())


if __name__ == "__main__":
    main()
