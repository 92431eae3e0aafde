"""One event to very many subscribers of one document, and very many coming back at once; on one worker.

Sharing on and off take turns, each on a server of its own, so that what else the machine does meets both alike.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.crowd import crowd
from bench.declaring import NOON, bodies
from bench.demo_server import DemoServer, demo_server
from bench.listening import Listening
from bench.rounds import figure
from bench.worked import worked
from simulation.client import Client
from simulation.made_up_address import made_up_address
from simulation.moved_clock import MovedClock
from simulation.operations import COMMITTEE_ALERTS, POSITION
from simulation.staff import ADMINISTRATOR, sign_in, username
from simulation.tree import read_tree
from simulation.ward import Ward

EVENTS = 8
_QUIET_SECONDS = 1.5
"""After which a server has done what nobody is answered about, and its processor time may be read: no event says so."""
_APART_SECONDS = 0.4
"""Between two events."""
# One account has more screens here than any has outside, for that all stand alike is what is measured.
ROOM = {
    "KHAIBAO_MAX_SOCKETS_BY_ACCOUNT": "20000",
    "KHAIBAO_MAX_OPERATIONS_BY_ACCOUNT": "20000",
    "KHAIBAO_MAX_SUBSCRIPTIONS_BY_ACCOUNT": "20000",
    # Nobody is told to come back later: what is measured is what it costs to let them in.
    "KHAIBAO_ADMISSION_WAIT": "10",
    "KHAIBAO_ADMISSION_STREAM_WAIT": "8",
    "KHAIBAO_ADMISSION_WAITING": "20000",
    "KHAIBAO_ADMISSION_LEAST": "32",
    "KHAIBAO_ADMISSION_ANSWER": "10",
    "KHAIBAO_ADMISSION_ALERT": "10",
    "KHAIBAO_MAX_SUBSCRIPTIONS": "20000",
    "KHAIBAO_LIMITS": "watch_by_account=1000000 per 1 minute",
}
"""Settings under which so many may listen."""
_WAYS = (("shared", "true"), ("each_alone", "false"))


class CrowdFailed(Exception):
    """Those who listen could not do what they were told; the text says what."""


async def measure_fanout(
    port: int, *, subscribers: Sequence[int], sessions: int, rounds: int, alone: bool = True
) -> dict[str, Any]:
    """For each number of subscribers: milliseconds from commit to the last of them, CPU for each delivery, and CPU for
    each one of those who come back at once. `alone` also without sharing, in turns."""
    found: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        sides = []
        for place, (name, shared) in enumerate(_WAYS if alone else _WAYS[:1]):
            settings = {**ROOM, "KHAIBAO_SHARED": shared}
            server = await stack.enter_async_context(demo_server(port + place, more=settings))
            sides.append((name, await _side(server, sessions)))
        for many in subscribers:
            done: dict[str, list[dict[str, float]]] = {name: [] for name, _ in sides}
            for _ in range(rounds):
                for name, side in sides:
                    done[name].append(await side.round(many))
            found[str(many)] = {
                name: {key: figure([one[key] for one in each]).record() for key in each[0]}
                for name, each in done.items()
            }
        found["postgresql"] = await sides[0][1].server.version()
    return found


class _Side:
    """One server, and who may listen to it."""

    def __init__(self, server: DemoServer, tokens: list[str], declarations: list[bytes]) -> None:
        self.server = server
        self._tokens, self._declarations = tokens, declarations
        self._client = Client(server.endpoint)

    async def round(self, many: int) -> dict[str, float]:
        """One round of so many subscribers."""
        tokens = [self._tokens[number % len(self._tokens)] for number in range(many)]
        before = self._used()
        async with crowd(self._listening(many, tokens, None)):
            handshakes = await self._used_since(before)
        await asyncio.sleep(_QUIET_SECONDS)
        after = (await self._client.call(POSITION, token=tokens[0]))["alerts"]["cursor"]
        before = self._used()
        late, events = [], 0
        async with crowd(self._listening(many, tokens, after)) as there:
            opening = await self._used_since(before)
            before = self._used()
            for _ in range(EVENTS):
                begun, since, at = await self._newest(), time.monotonic(), time.time()
                await self._declare()
                written = await self._written(begun)
                heard = await there.heard(many * len(written), since)
                if heard["deliveries"] != many * len(written):
                    raise CrowdFailed(f"not everybody has heard each event once: {heard}")
                late.append((at + heard["last"] - written[-1]) * 1000)
                events += len(written)
            used = self._used() - before
        await asyncio.sleep(_QUIET_SECONDS)
        return {
            "commit_to_last_ms": figure(late).middle,
            "cpu_us_a_delivery": used * 1e6 / (many * events),
            "cpu_us_a_subscription": (opening - handshakes) * 1e6 / many,
            "cpu_us_a_handshake": handshakes * 1e6 / many,
        }

    def _listening(self, many: int, tokens: list[str], after: str | None) -> Listening:
        document, variables = ("", []) if after is None else (COMMITTEE_ALERTS, [{"after": after}])
        return Listening(f"{self.server.url}/graphql", many, document, tokens, variables, 0.0)

    async def _used_since(self, before: float) -> float:
        """Seconds of the server's processor since then, with what it still does after it was answered."""
        await asyncio.sleep(_QUIET_SECONDS)
        return self._used() - before

    async def _declare(self) -> None:
        """Declares somebody with severe signs."""
        body = self._declarations.pop()
        answer = (await self._client.send(body, address=made_up_address("fanout")))["declare"]
        if answer["__typename"] != "Receipt":
            raise CrowdFailed(f"refused: {answer}")
        # Each has the process to itself: how events hold each other up is measured elsewhere.
        await asyncio.sleep(_APART_SECONDS)

    async def _newest(self) -> int:
        connection = await self.server.connect()
        try:
            return int(await connection.fetchval("SELECT coalesce(max(seq), 0) FROM alert_event"))
        finally:
            await connection.close()

    async def _written(self, after: int) -> list[float]:
        """When each event after a number was written, by the machine's clock."""
        connection = await self.server.connect()
        try:
            rows = await connection.fetch("SELECT written_at FROM alert_event WHERE seq > $1 ORDER BY seq", after)
        finally:
            await connection.close()
        times: list[datetime] = [row["written_at"] for row in rows]
        return [at.timestamp() for at in times]

    def _used(self) -> float:
        """Seconds of processor that the server's Python has used; not its database's."""
        return worked([self.server.pid])


@dataclass(frozen=True, slots=True)
class Screens:
    """The sessions of a committee's screens, and the wards of their city."""

    tokens: list[str]
    wards: Sequence[Ward]


async def screens(server: DemoServer, sessions: int) -> Screens:
    """Signs a committee in so often, on a day of March 2022: a session each, as screens have. What is looked up for one
    of them is not known of the others."""
    client = Client(server.endpoint)
    staff = await sign_in(server.endpoint, [ADMINISTRATOR], server.password)
    await MovedClock(client, lambda: staff[ADMINISTRATOR]).move(NOON)
    tree = await read_tree(client, staff[ADMINISTRATOR])
    name = username("committee", tree.city.code)
    client.close()
    tokens = [(await sign_in(server.endpoint, [name], server.password))[name] for _ in range(sessions)]
    return Screens(tokens, tree.wards)


async def _side(server: DemoServer, sessions: int) -> _Side:
    there = await screens(server, sessions)
    # One person a call with one severe sign: one alert, and so one event.
    declarations = [body for _, _, body in bodies(7, 4_000, there.wards, True, ("chest_pain",))]
    return _Side(server, there.tokens, declarations)
