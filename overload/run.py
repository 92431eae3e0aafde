"""The run: how much the server can do, calm, the storm, what comes after it, and a thousand screens that come back."""

import asyncio
import base64
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle, islice
from typing import Any

from bench.declaring import NOON, bodies
from bench.demo_server import DemoServer
from overload.child import Child, child
from overload.plan import Plan
from overload.storm import DECLARING
from overload.watch import Watch
from simulation.audience import seats
from simulation.client import Client
from simulation.operations import INSTALLATION, MOVE_CLOCK
from simulation.sessions import Sessions
from simulation.staff import ADMINISTRATOR, DEPARTMENT, sign_in
from simulation.tree import read_tree

_CLIENTS = 32
_PEOPLE = 6_000
_WARM_UP = 3.0
_BEHIND = 5
_PUBLIC = '{"query":"{ installation { mode now } protocol { version } }"}'
_STAFF = '{"query":"{ alerts(first: 10) { nodes { id state danger } } }"}'


@dataclass(slots=True)
class Outcome:
    """What a run has shown: each phase as the clients saw it, and what was written."""

    plan: Plan
    capacity: float = 0.0
    rate: float = 0.0
    phases: dict[str, dict[str, Any]] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    walls: dict[str, tuple[float, float]] = field(default_factory=dict)
    """When each phase began and ended by the machine's clock, by which what was heard is timed."""
    watch: Watch = field(default_factory=lambda: Watch(""))
    heard: list[dict[str, Any]] = field(default_factory=list)
    returned: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    """Keys of declarations that were acknowledged and are not in the tables."""


class Run:
    """One run against a server."""

    def __init__(self, plan: Plan, server: DemoServer, tell: Callable[[str], None]) -> None:
        self._plan, self._server, self._tell = plan, server, tell
        self._outcome = Outcome(plan, watch=Watch(server.url))

    async def run(self) -> Outcome:
        """Everything. Raises Ended, Refused or Unreachable where it cannot go on."""
        plan, outcome = self._plan, self._outcome
        async with AsyncExitStack() as stack:
            storm = await self._prepare(stack)
            watching = asyncio.create_task(outcome.watch.run())
            stack.callback(watching.cancel)
            self._tell("how much it can do")
            await self._phase(storm, "warm up", {"do": "closed", "seconds": _WARM_UP, "clients": _CLIENTS})
            told = {"do": "closed", "seconds": plan.measured, "clients": _CLIENTS}
            found = await self._phase(storm, "capacity", told)
            outcome.capacity = _capacity(found) / plan.measured
            calm = {"do": "open", "rate": plan.calm * outcome.capacity}
            self._tell(f"{outcome.capacity:.0f} requests a second; calm")
            await self._phase(storm, "calm", calm | {"seconds": plan.measured})
            outcome.rate = min(plan.factor * outcome.capacity, plan.most_rate)
            self._tell(f"the storm: {outcome.rate:.0f} requests a second")
            wild = {"do": "open", "rate": outcome.rate, "seconds": plan.seconds, "patient": plan.patient}
            storming = asyncio.create_task(self._phase(storm, "storm", wild))
            await storming
            self._tell("after the storm")
            await self._phase(storm, "after", calm | {"seconds": plan.after})
            await self._come_back(storm, calm)
            for listener in self._listeners:
                listener.no_more()
            outcome.heard = [await listener.answer() for listener in self._listeners]
        self._tell("comparing with the tables")
        await self._compare()
        return outcome

    async def _prepare(self, stack: AsyncExitStack) -> Child:
        plan, server = self._plan, self._server
        self._tell("signing in")
        client = Client(server.endpoint)
        token = (await sign_in(server.endpoint, [ADMINISTRATOR], server.password))[ADMINISTRATOR]
        await client.call(MOVE_CLOCK, {"input": {"to": NOON.isoformat()}}, token)
        # The shortest of the ways there and back says best what the clocks are apart.
        self._behind = min([await _apart(client) for _ in range(20)])[1]
        tree = await read_tree(client, token)
        client.close()
        names = [seat.account for seat in seats(tree, plan.subscribers, lambda ward: 0)]
        self._tokens = await sign_in(server.endpoint, [*names, DEPARTMENT], server.password)
        storm = await stack.enter_async_context(child("overload.storm"))
        storm.tell(self._job(bodies(plan.seed, _PEOPLE, tree.wards, False), self._tokens, names))
        share = plan.subscribers // plan.listeners
        self._names = names
        self._listeners = [await stack.enter_async_context(child("overload.listening")) for _ in range(plan.listeners)]
        for number, listener in enumerate(self._listeners):
            self._listen(listener, share, number * share, True)
        for listener in self._listeners:
            await listener.answer()
        # Started now: two interpreters that start take both processors for seconds, which is not what screens do to a
        # server. And a thousand screens in one program want more of a processor than a thousand screens do.
        self._returning = [
            await stack.enter_async_context(child("overload.listening", behind=_BEHIND)) for _ in range(plan.listeners)
        ]
        return storm

    def _job(self, sent: list[tuple[int, str, bytes]], tokens: Sessions, names: list[str]) -> dict[str, Any]:
        endpoint = self._server.endpoint
        return {
            "host": endpoint.host,
            "port": endpoint.port,
            "templates": [_template(phone, body) for _, phone, body in sent],
            "reads": [_PUBLIC, _STAFF],
            "tokens": [tokens[name] for name in names[:40]],
            "number": 1,
            "seed": self._plan.seed,
        }

    def _listen(self, listener: Child, count: int, number: int, takes: bool) -> None:
        names = islice(cycle(self._names), number, number + count)
        tokens = [self._tokens[name] for name in names]
        job = {"url": self._server.url, "tokens": tokens, "number": number, "behind": self._behind, "takes": takes}
        listener.tell(job)

    async def _phase(self, storm: Child, name: str, told: dict[str, Any]) -> dict[str, Any]:
        outcome = self._outcome
        outcome.began[name], wall = time.monotonic(), time.time()
        found = outcome.phases[name] = await storm.ask(told)
        outcome.ended[name] = time.monotonic()
        outcome.walls[name] = (wall, time.time())
        return found

    async def _come_back(self, storm: Child, calm: dict[str, Any]) -> None:
        plan, outcome = self._plan, self._outcome
        if not plan.reconnecting:
            return
        self._tell(f"{plan.reconnecting:,} screens come back at once")
        share = plan.reconnecting // plan.listeners
        for number, listener in enumerate(self._returning):
            self._listen(listener, share, 10_000 + share * number, False)
        meanwhile = asyncio.create_task(self._phase(storm, "reconnecting", calm | {"seconds": plan.after}))
        found = [await one.answer() for one in self._returning]
        await meanwhile
        ends: dict[str, int] = {}
        for one in found:
            for end, count in one["ends"].items():
                ends[end] = ends.get(end, 0) + count
        outcome.returned = {
            "screens": sum(one["open"] for one in found),
            "seconds": max(one["seconds"] for one in found),
            "told": ends,
        }

    async def _compare(self) -> None:
        acknowledged = {key for phase in self._outcome.phases.values() for key in phase["acknowledged"]}
        connection = await self._server.connect()
        try:
            rows = await connection.fetch("SELECT idempotency_key FROM submission")
        finally:
            await connection.close()
        self._outcome.lost = sorted(acknowledged - {row["idempotency_key"] for row in rows})


def _capacity(found: dict[str, Any]) -> float:
    """How many of the mix were answered: where declarations are refused, reads that go on are no more of it."""
    declared = len(found["outcomes"].get("declare answered", ())) / 2
    return min(_answered(found), declared / DECLARING)


async def _apart(client: Client) -> tuple[float, float]:
    begun = time.time()
    now = (await client.call(INSTALLATION))["installation"]["now"]
    took = time.time() - begun
    return took, begun + took / 2 - datetime.fromisoformat(now).timestamp()


def _answered(found: dict[str, Any]) -> int:
    return sum(len(values) // 2 for name, values in found["outcomes"].items() if name.endswith("answered"))


def _template(phone: str, body: bytes) -> list[str]:
    """The body in three parts, between which the key and the phone go."""
    head, _, rest = body.partition(b'"idempotencyKey":"')
    _, _, rest = rest.partition(b'"')
    middle, _, tail = rest.partition(phone.encode())
    parts = (head + b'"idempotencyKey":"', b'"' + middle, tail)
    return [base64.b64encode(part).decode() for part in parts]
