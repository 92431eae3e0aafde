"""Events on their way: to thousands who hear the same, and to stations while people declare at a given rate."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.crowd import Crowd, crowd
from bench.demo_server import DemoServer, demo_server
from bench.listening import Listening
from bench.load import Load
from bench.peers.databases import copy_for, database_of
from bench.peers.peer import PEERS, install, running
from bench.rounds import figure
from bench.sending import LoadFailed, sent
from bench.sizes import prepare, seconds_behind
from bench.work import ALERT_IN, WORKS, write_bodies
from bench.worked import memory, worked
from simulation.client import Client
from simulation.keep_alive import Endpoint
from simulation.operations import COMMITTEE_ALERTS
from simulation.staff import ADMINISTRATOR, sign_in, username
from simulation.tree import Tree, read_tree

OURS = "khaibao"
HEARD = (OURS, "mercurius", "strawberry")
"""Who can be listened to."""

_CITY = "committee-79"
_ROOM = {
    "KHAIBAO_LIMITS": "watch_by_account=1000000 per 10 minutes, watch_by_address=1000000 per 10 minutes",
    "KHAIBAO_MAX_SOCKETS_BY_ACCOUNT": "20000",
    "KHAIBAO_MAX_OPERATIONS_BY_ACCOUNT": "20000",
    "KHAIBAO_MAX_SUBSCRIPTIONS_BY_ACCOUNT": "20000",
    "KHAIBAO_MAX_SUBSCRIPTIONS": "20000",
}
"""One account has a whole crowd here, which it may not have anywhere else."""


_SETTLE = 1.0
"""Seconds after which a server has done what nobody is answered about any more, and its processor time may be read."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A server that is listened to. Of the program `tokens` has a committee's, of peers there is none."""

    name: str
    url: str
    pid: int
    tokens: list[str]
    behind: float


async def measure_deliveries(
    port: int,
    *,
    servers: Sequence[str],
    crowds: Sequence[int],
    rates: Sequence[int],
    events: int,
    seconds: float,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """For each crowd the time from sending a declaration to its last delivery, and the processor's time for each.

    For each rate how old events are when they reach the stations, of 2,000 sockets.
    """
    peers = [PEERS[name] for name in servers if name != OURS]
    if any(peer.package for peer in peers):
        install()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khaibao-deliveries-")))
        program = await stack.enter_async_context(demo_server(port, more=_ROOM))
        await prepare(program, 10_000)
        await copy_for(program, [peer.name for peer in peers])
        behind = await seconds_behind(program)
        tree = await _tree(program)
        heard = []
        for name in servers:
            if name == OURS:
                tokens = list((await sign_in(program.endpoint, [_CITY], program.password)).values())
                heard.append(Heard(OURS, program.url, program.pid, tokens, behind))
            else:
                place = port + 10 + len(heard)
                one = running(PEERS[name], place, program.socket, database_of(name), behind)
                up = await stack.enter_async_context(one)
                heard.append(Heard(name, up.url, up.pid, [], behind))
        calls = ALERT_IN * events * len(crowds) + int(sum(rates) * (seconds + 1)) + 1_000
        bodies = write_bodies(WORKS["declare"], folder, tree.wards, calls)
        found: dict[str, Any] = {"crowds": {}, "rates": {}}
        used = dict.fromkeys(servers, 0)
        for count in crowds:
            found["crowds"][count] = await _kept(_fan_out(heard, count, events, bodies, used, tell))
            tell(str(found["crowds"][count]))
        for rate in rates:
            found["rates"][rate] = await _kept(_at_rate(heard, program, tree, rate, seconds, bodies, used, tell))
            tell(str(found["rates"][rate]))
        return found


async def _kept(measured: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """What was measured, or why it was not: one part that fails does not undo the others."""
    try:
        return await measured
    except LoadFailed as error:
        return {"failed": str(error)}


async def _fan_out(
    heard: Sequence[Heard], count: int, events: int, bodies: Path, used: dict[str, int], tell: Callable[[str], None]
) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        crowds: dict[str, Crowd] = {}
        sizes = {}
        subscribing = {}
        for one in heard:
            tell(f"{one.name}: {count} listen")
            held, worked_before = memory([one.pid]), worked([one.pid])
            job = Listening(f"{one.url}/graphql", count, COMMITTEE_ALERTS, one.tokens, [], one.behind)
            crowds[one.name] = await stack.enter_async_context(crowd(job))
            sizes[one.name] = (memory([one.pid]) - held) / count / 1024
            # Whoever says that it has taken a subscription up may still be about it.
            await asyncio.sleep(_SETTLE)
            subscribing[one.name] = (worked([one.pid]) - worked_before) / count * 1e6
        last: dict[str, list[float]] = {one.name: [] for one in heard}
        middle: dict[str, list[float]] = {one.name: [] for one in heard}
        cpu: dict[str, list[float]] = {one.name: [] for one in heard}
        missed = dict.fromkeys(last, 0)
        for _ in range(events):
            for one in heard:
                before = worked([one.pid])
                since = time.monotonic()
                await _declare_severe(one, bodies, used)
                came = await crowds[one.name].heard(count, since)
                missed[one.name] += count - came["deliveries"]
                if came["deliveries"]:
                    last[one.name].append(came["last"] * 1000)
                    middle[one.name].append(came["median"] * 1000)
                    cpu[one.name].append((worked([one.pid]) - before) / came["deliveries"] * 1e6)
        return {
            one.name: {
                "last_ms": figure(last[one.name]).record(),
                "median_ms": figure(middle[one.name]).record(),
                "server_us": figure(cpu[one.name]).record(),
                "missed": missed[one.name],
                "kib_each": round(sizes[one.name], 1),
                "us_to_open": round(subscribing[one.name]),
                "seconds_to_open": round(crowds[one.name].opened["seconds"], 1),
                "told_to_come_back": crowds[one.name].opened["told_to_come_back"],
            }
            for one in heard
        }


async def _at_rate(
    heard: Sequence[Heard],
    program: DemoServer,
    tree: Tree,
    rate: int,
    seconds: float,
    bodies: Path,
    used: dict[str, int],
    tell: Callable[[str], None],
    sockets: int = 2_000,
) -> dict[str, Any]:
    found = {}
    names = [username("station", ward.code) for ward in tree.wards]
    tokens = await sign_in(program.endpoint, names, program.password)
    for one in heard:
        tell(f"{one.name}: {rate} declarations a second, {sockets} listen at their stations")
        given = [tokens[name] for name in names] if one.name == OURS else []
        # A peer has nobody who may hear one ward alone: it is told which.
        wards = [] if one.name == OURS else [{"area": ward.code} for ward in tree.wards]
        document = COMMITTEE_ALERTS if one.name == OURS else _OF_A_WARD
        job = Listening(f"{one.url}/graphql", sockets, document, given, wards, one.behind)
        async with crowd(job) as there:
            # What it still does for the subscriptions is no part of what follows.
            await asyncio.sleep(_SETTLE)
            before = worked([one.pid])
            begun = time.monotonic()
            load = Load(_url(one), str(bodies), WORKS["declare"].marker, seconds, 64, used[one.name], rate=rate)
            done = await sent(load)
            used[one.name] += done["answers"] + done["refused"] + 64
            # The last events are on their way: a peer says of none that it was the last.
            await asyncio.sleep(_SETTLE)
            came = await there.heard(0, begun)
            found[one.name] = {
                "declared_a_second": round(done["answers"] / done["seconds"], 1),
                "refused": done["refused"],
                "declare_ms": done["ms"],
                "commit_to_socket_ms": came["age_ms"],
                "deliveries": came["deliveries"],
                "server_seconds": round(worked([one.pid]) - before, 2),
            }
    return found


_OF_A_WARD = COMMITTEE_ALERTS.replace("($after: String)", "($area: ID)").replace("after: $after", "areaId: $area")


async def _declare_severe(one: Heard, bodies: Path, used: dict[str, int]) -> None:
    """Sends the next declaration that calls somebody."""
    place = -(-used[one.name] // ALERT_IN) * ALERT_IN
    client = Client(Endpoint.of(_url(one)))
    await client.send(_line(bodies, place))
    client.close()
    used[one.name] = place + 1


def _url(one: Heard) -> str:
    return f"{one.url}/graphql"


def _line(file: Path, number: int) -> bytes:
    return file.read_bytes().splitlines()[number]


async def _tree(program: DemoServer) -> Tree:
    token = (await sign_in(program.endpoint, [ADMINISTRATOR], program.password))[ADMINISTRATOR]
    client = Client(program.endpoint)
    try:
        return await read_tree(client, token)
    finally:
        client.close()
