"""What a screen costs that comes back, step by step: processor time and memory of each, on one worker.

One crowd takes one step after the other, all of it before the next one begins; so each step is measured alone, at the
pace at which admission and the door let a storm in.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from bench.crowd import Crowd, crowd
from bench.demo_server import DemoServer, demo_server
from bench.fanout import ROOM, screens
from bench.listening import Listening
from bench.rounds import figure
from bench.sending import LoadFailed
from bench.worked import memory, worked
from simulation.operations import COMMITTEE_ALERTS

STEPS = {
    "open": "a connection, and the handshake of its socket",
    "say_who": "connection_init: whose session it is",
    "subscribe": "the first operation, and a ping",
    "subscribe_again": "a second operation on the same socket, and a ping",
    "ping": "a ping",
}
"""In their order; a ping is how a listener learns that its subscription was taken up."""

_QUIET_SECONDS = 1.5
"""After which a server has done what nobody is answered about, and its processor time may be read: no event says so."""
_IDLE_SECONDS = 10.0
"""Two rounds of asking who still stands, and half of one of the server's pings."""
_AT_ONCE = 24
"""More than elsewhere: what a server does beside it, and for who is there already, has less time to be counted."""
_FIRST = 200
_SETTINGS = {**ROOM, "KHAIBAO_SOCKET_INIT_SECONDS": "60"}
# A screen would say at once who it is.


async def measure_steps(
    port: int, *, subscribers: int, sessions: int, rounds: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Of each step the microseconds and KiB for each screen, and what each that is quiet costs in a second after it."""
    used: dict[str, list[float]] = {step: [] for step in STEPS}
    idle: dict[str, list[float]] = {step: [] for step in STEPS}
    held: dict[str, list[float]] = {step: [] for step in STEPS}
    for number in range(rounds):
        # A server each time: what is left of a crowd's memory the next one would find free.
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(demo_server(port, more=_SETTINGS))
            tokens = (await screens(server, sessions)).tokens
            # What the first of all brings with it is no part of what each costs.
            async with crowd(_listening(server, _FIRST, tokens, "connect")):
                await asyncio.sleep(_QUIET_SECONDS)  # No event says that a server is done.
            there: Crowd | None = None
            nobody = quiet = await _idle(server)
            for step in STEPS:
                begun, before, kept = time.monotonic(), worked([server.pid]), memory([server.pid])
                if there is None:
                    there = await stack.enter_async_context(crowd(_listening(server, subscribers, tokens, step)))
                else:
                    await there.take(step)
                await asyncio.sleep(_QUIET_SECONDS)  # No event says that a server is done.
                spent, took = worked([server.pid]) - before, time.monotonic() - begun
                held[step].append((memory([server.pid]) - kept) / subscribers / 1024)
                # While they take the step those who are there are kept there, which is no part of it.
                quiet, was = await _idle(server), quiet
                used[step].append((spent - took * (was + quiet) / 2) / subscribers * 1e6)
                idle[step].append((quiet - nobody) / subscribers * 1e6)
            # What was refused was paid for, too, and came again in another step.
            if told := (there.opened["told_to_come_back"] if there is not None else 0):
                raise LoadFailed(f"the server is too busy: {told} were told to come back")
            tell(f"round {number + 1} of {rounds}: {_said(used, 'us')}")
            tell(f"quiet, in a second: {_said(idle, 'us')}; {_said(held, 'KiB')}")
    return {"us": _figures(used), "idle_us_a_second": _figures(idle), "kib": _figures(held)}


async def _idle(server: DemoServer) -> float:
    """Seconds of processor in a second in which nobody says anything but that they are there."""
    await asyncio.sleep(_QUIET_SECONDS)  # No event says that a server is done.
    before = worked([server.pid])
    await asyncio.sleep(_IDLE_SECONDS)  # What is measured is that nothing is asked.
    return (worked([server.pid]) - before) / _IDLE_SECONDS


def _said(found: dict[str, list[float]], unit: str) -> str:
    return ", ".join(f"{step} {each[-1]:.1f} {unit}" for step, each in found.items())


def _figures(found: dict[str, list[float]]) -> dict[str, Any]:
    return {step: figure(each).record() for step, each in found.items()}


def _listening(server: DemoServer, many: int, tokens: list[str], begin: str) -> Listening:
    return Listening(f"{server.url}/graphql", many, COMMITTEE_ALERTS, tokens, [], 0.0, begin, _AT_ONCE)
