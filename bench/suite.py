"""The program and its peers at the same work, on one PostgreSQL, in turns."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.demo_server import DemoServer, demo_server
from bench.load import Load
from bench.peers.databases import copy_for, database_of, rows_in
from bench.peers.peer import PEERS, Peer, Running, install, node_version, running
from bench.peers.rows import compare
from bench.rounds import figure
from bench.sending import sent
from bench.sizes import prepare, seconds_behind
from bench.work import WORKS, Work, write_bodies
from bench.worked import pin, worked
from simulation.client import Client
from simulation.staff import ADMINISTRATOR, sign_in
from simulation.tree import read_tree

OURS = "khaibao"

# A faster machine runs out of people and fails, so there is room above what was seen.
_MOST_A_SECOND = 5_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long."""

    works: Sequence[str]
    peers: Sequence[str]
    port: int
    rounds: int = 5
    seconds: float = 3.0
    warm_up: float = 2.0
    clients: int = 32
    cases: int = 10_000
    pinned: bool = False
    """Whether the server has a core of its own; else the kernel decides."""


@dataclass(frozen=True, slots=True)
class Server:
    """Somebody who is measured."""

    name: str
    url: Callable[[str], str]
    pid: int
    token: str | None = None


@dataclass(slots=True)
class Rounds:
    """What one server's rounds of one kind of work came to."""

    per_second: list[float] = field(default_factory=list)
    server_us: list[float] = field(default_factory=list)
    database_us: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    refused: int = 0
    bytes: int = 0
    sent: int = 0
    """How many bodies were used up."""

    def record(self) -> dict[str, Any]:
        """For a report."""
        return {
            "per_second": figure(self.per_second).record(),
            "server_us": figure(self.server_us).record(),
            "database_us": figure(self.database_us).record(),
            "p50_ms": figure(self.p50).record(),
            "p99_ms": figure(self.p99).record(),
            "refused": self.refused,
            "answer_bytes": self.bytes,
        }


async def measure_suite(plan: Plan, tell: Callable[[str], None]) -> dict[str, Any]:
    """The figures of each kind of work for each server, the rows they wrote, and how it was set up.

    Raises NotStarted for a server that does not come up, LoadFailed for one that refuses.
    """
    peers = [PEERS[name] for name in plan.peers]
    if any(peer.package for peer in peers):
        install()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khaibao-suite-")))
        tell(f"starting a server with {plan.cases:,} cases")
        program = await stack.enter_async_context(demo_server(plan.port))
        await prepare(program, plan.cases)
        await copy_for(program, [peer.name for peer in peers])
        bodies = await bodies_of(plan, program, folder)
        servers = [await ours(plan, program)]
        behind = await seconds_behind(program)
        for at, peer in enumerate(peers):
            one = running(peer, plan.port + 10 + at, program.socket, database_of(peer.name), behind)
            servers.append(_peer(await stack.enter_async_context(one)))
        if plan.pinned:
            _pin(program, servers)
        before = {server.name: await _rows(program, server) for server in servers}
        works = {name: await _measure(plan, program, servers, WORKS[name], bodies[name], tell) for name in plan.works}
        after = {server.name: await _rows(program, server) for server in servers}
        return {
            "settings": await _settings(plan, program, peers),
            "works": works,
            "rows": compare(before, after, OURS) if "declare" in plan.works else {},
        }


async def _measure(
    plan: Plan, program: DemoServer, servers: Sequence[Server], work: Work, bodies: Path, tell: Callable[[str], None]
) -> dict[str, Any]:
    found = {server.name: Rounds() for server in servers}
    for number in range(plan.rounds + 1):
        tell(f"{work.name}: round {number} of {plan.rounds}" if number else f"{work.name}: warming up")
        # In turns, and each round begins with another: whatever else the machine does meets all alike.
        start = number % len(servers)
        for server in [*servers[start:], *servers[:start]]:
            await take_round(plan, program, server, work, bodies, found[server.name], warm=number == 0)
    return {name: rounds.record() for name, rounds in found.items()}


async def take_round(
    plan: Plan, program: DemoServer, server: Server, work: Work, bodies: Path, found: Rounds, *, warm: bool
) -> None:
    """Has one server do one kind of work for a while, beside `program`'s database. Raises LoadFailed."""
    load = Load(
        url=server.url(work.name),
        bodies=str(bodies),
        marker=work.marker,
        seconds=plan.warm_up if warm else plan.seconds,
        clients=plan.clients,
        begin=found.sent,
        token=server.token if work.account else None,
    )
    worked_before = worked([server.pid]), worked([program.database_pid], database=True)
    done = await sent(load, _elsewhere() if plan.pinned else ())
    found.sent += done["answers"] + done["refused"] + plan.clients
    if warm:
        return
    server_seconds = worked([server.pid]) - worked_before[0]
    database_seconds = worked([program.database_pid], database=True) - worked_before[1]
    found.per_second.append(done["answers"] / done["seconds"])
    found.server_us.append(server_seconds / done["answers"] * 1e6)
    found.database_us.append(database_seconds / done["answers"] * 1e6)
    found.p50.append(done["ms"]["p50"])
    found.p99.append(done["ms"]["p99"])
    found.bytes = done["bytes"]
    found.refused += done["refused"]


async def bodies_of(plan: Plan, program: DemoServer, folder: Path) -> dict[str, Path]:
    """What is sent for each kind of work, for the wards that this server has."""
    token = (await sign_in(program.endpoint, [ADMINISTRATOR], program.password))[ADMINISTRATOR]
    client = Client(program.endpoint)
    wards = (await read_tree(client, token)).wards
    client.close()
    calls = int((plan.rounds * plan.seconds + plan.warm_up) * _MOST_A_SECOND)
    return {name: write_bodies(WORKS[name], folder, wards, calls) for name in plan.works}


async def ours(plan: Plan, program: DemoServer) -> Server:
    """The program itself, with somebody signed in for what is asked as staff."""
    accounts = {WORKS[name].account for name in plan.works} - {None}
    token = None
    for account in accounts:
        token = (await sign_in(program.endpoint, [str(account)], program.password))[str(account)]
    return Server(OURS, lambda _: program.url, program.pid, token)


def _peer(one: Running) -> Server:
    return Server(one.peer.name, lambda work: f"{one.url}{one.peer.path(work)}", one.pid)


async def _rows(program: DemoServer, server: Server) -> dict[str, tuple[int, int]]:
    return await rows_in(program, None if server.name == OURS else server.name)


def _pin(program: DemoServer, servers: Sequence[Server]) -> None:
    """Each server on the first core, PostgreSQL on the others: the database's processes to come inherit that."""
    for server in servers:
        pin([server.pid], [0])
    pin([program.database_pid], _elsewhere())


def _elsewhere() -> list[int]:
    return sorted(os.sched_getaffinity(0) - {0}) or [0]


async def _settings(plan: Plan, program: DemoServer, peers: Sequence[Peer]) -> dict[str, Any]:
    node = {"node": node_version()} if any(peer.package for peer in peers) else {}
    return {
        **asdict(plan),
        "postgresql": await program.version(),
        **node,
        "peers": {
            peer.name: {"what": peer.what, "version": peer.version, "settings": peer.settings, "lacks": peer.lacks}
            for peer in peers
        },
    }
