"""Listeners in a process of their own: `python -m bench.listening` takes a line of JSON and connects that many.

Then, for each line that it is sent, it says when so many deliveries had come, and how old what came was; or it has all
of them take a step.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import orjson
import uvloop

from bench.listener import Listener
from simulation.keep_alive import Endpoint
from simulation.latency import latency

T = TypeVar("T")
Step: TypeAlias = Callable[[Listener], Coroutine[None, None, None]]

_PATIENCE = 30.0
_OPENING_SECONDS = 0.1
"""After which a subscription stands: admission gives its place back in half of that."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Who listens: `tokens` and `variables` are shared out, one after the other; without tokens nobody signs in.

    They begin with the step that is named, so many `at_once`.
    """

    url: str
    count: int
    document: str
    tokens: list[str]
    variables: list[dict[str, str]]
    behind: float
    begin: str = "connect"
    at_once: int = 16


def _turn(given: list[T], number: int) -> T | None:
    return given[number % len(given)] if given else None


async def _subscribed(one: Listener, id: str) -> None:
    await one.subscribe(id)
    # A ping is answered beside it, and a subscription says nothing when it stands: all at once they would be refused.
    await asyncio.sleep(_OPENING_SECONDS)


_STEPS: dict[str, Step] = {
    "connect": Listener.connect,
    "open": Listener.open,
    "say_who": Listener.say_who,
    "subscribe": lambda one: _subscribed(one, "1"),
    "subscribe_again": lambda one: _subscribed(one, "2"),
    "ping": Listener.ping,
}


def _made(job: Listening) -> list[Listener]:
    endpoint = Endpoint.of(job.url)
    return [
        Listener(endpoint, number, job.document, _turn(job.tokens, number), _turn(job.variables, number), job.behind)
        for number in range(job.count)
    ]


async def _taken(listeners: list[Listener], step: Step, at_once: int) -> float:
    """Seconds in which all have taken the step, so many at once."""
    begun = time.monotonic()
    waiting = iter(listeners)

    async def one_after_another() -> None:
        for listener in waiting:
            await step(listener)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_another())
    return time.monotonic() - begun


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


def _opened(listeners: list[Listener], seconds: float) -> dict[str, Any]:
    return {"seconds": seconds, "told_to_come_back": sum(one.told_to_come_back for one in listeners)}


def _tell(found: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
    sys.stdout.flush()


async def _run() -> None:
    reader = asyncio.StreamReader(limit=2**27)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    job = Listening(**orjson.loads(await reader.readline()))
    listeners = _made(job)
    seconds = await _taken(listeners, _STEPS[job.begin], job.at_once)
    gc.collect()
    gc.freeze()
    _tell(_opened(listeners, seconds))
    while line := await reader.readline():
        wanted = orjson.loads(line)
        if "step" in wanted:
            seconds = await _taken(listeners, _STEPS[wanted["step"]], job.at_once)
            _tell(_opened(listeners, seconds))
        else:
            _tell(await _heard(listeners, wanted["deliveries"], wanted["since"]))
    for listener in listeners:
        listener.close()


def main() -> None:
    """One job, until its input ends."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run())


if __name__ == "__main__":
    main()
