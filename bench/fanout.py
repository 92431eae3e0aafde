"""One event to very many subscribers of one document, and very many coming back at once; on one worker.

Sharing on and off take turns, each on a server of its own, so that what else the machine does meets both alike.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from bench.declaring import NOON, bodies
from bench.demo_server import DemoServer, demo_server
from bench.rounds import figure
from simulation.client import Client
from simulation.made_up_address import made_up_address
from simulation.moved_clock import MovedClock
from simulation.operations import COMMITTEE_ALERTS, POSITION
from simulation.staff import ADMINISTRATOR, sign_in, username
from simulation.tree import read_tree

EVENTS = 8
_QUIET_SECONDS = 1.5
"""After which a server has done what nobody is answered about, and its processor time may be read: no event says so."""
_APART_SECONDS = 0.4
"""Between two events."""
# One account has more screens here than any has outside, for that all stand alike is what is measured.
_ROOM = {
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
_WAYS = (("shared", "true"), ("each_alone", "false"))


class CrowdFailed(Exception):
    """Those who listen could not do what they were told; the text says what."""


async def measure_fanout(port: int, *, subscribers: Sequence[int], sessions: int, rounds: int) -> dict[str, Any]:
    """For each number of subscribers: milliseconds from commit to the last of them, CPU for each delivery, and CPU for
    each one of those who come back at once."""
    found: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        sides = []
        for place, (name, shared) in enumerate(_WAYS):
            settings = {**_ROOM, "KHAIBAO_SHARED": shared}
            server = await stack.enter_async_context(demo_server(port + place, more=settings))
            sides.append((name, await stack.enter_async_context(_side(server, sessions))))
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
    """One server with its crowd."""

    def __init__(self, server: DemoServer, crowd: "_Crowd", tokens: list[str], declarations: list[bytes]) -> None:
        self.server, self._crowd = server, crowd
        self._tokens, self._declarations = tokens, declarations
        self._client = Client(server.endpoint)

    async def round(self, many: int) -> dict[str, float]:
        """One round of so many subscribers."""
        tokens = [self._tokens[number % len(self._tokens)] for number in range(many)]
        handshakes = await self._cost(lambda: self._open(tokens, None))
        await self._crowd.tell("close")
        await asyncio.sleep(_QUIET_SECONDS)
        after = (await self._client.call(POSITION, token=tokens[0]))["alerts"]["cursor"]
        opening = await self._cost(lambda: self._open(tokens, after))
        begun, before = await self._newest(), self._used()
        for _ in range(EVENTS):
            await self._declare()
        written = await self._written(begun)
        heard = await self._crowd.tell("hear", events=len(written))
        used = self._used() - before
        if heard["counts"] != [many] * len(written):
            raise CrowdFailed(f"not everybody has heard each event once: {heard['counts']}")
        late = [(last - at) * 1000 for last, at in zip(heard["last"], written, strict=True)]
        await self._crowd.tell("close")
        await asyncio.sleep(_QUIET_SECONDS)
        return {
            "commit_to_last_ms": figure(late).middle,
            "cpu_us_a_delivery": used * 1e6 / (many * len(written)),
            "cpu_us_a_subscription": (opening - handshakes) * 1e6 / many,
            "cpu_us_a_handshake": handshakes * 1e6 / many,
        }

    async def _open(self, tokens: list[str], after: str | None) -> None:
        document = COMMITTEE_ALERTS if after is not None else None
        await self._crowd.tell("open", tokens=tokens, document=document, after=after)

    async def _cost(self, work: Any) -> float:
        """Seconds of the server's processor for this, with what it still does after it was answered."""
        before = self._used()
        await work()
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
        return sum(_seconds(pid) for pid in _family(self.server.pid))


@asynccontextmanager
async def _side(server: DemoServer, sessions: int) -> AsyncIterator[_Side]:
    client = Client(server.endpoint)
    staff = await sign_in(server.endpoint, [ADMINISTRATOR], server.password)
    await MovedClock(client, lambda: staff[ADMINISTRATOR]).move(NOON)
    tree = await read_tree(client, staff[ADMINISTRATOR])
    name = username("committee", tree.city.code)
    # A session each, as screens have: what is looked up for one of them is not known of the others.
    tokens = [(await sign_in(server.endpoint, [name], server.password))[name] for _ in range(sessions)]
    # One person a call with one severe sign: one alert, and so one event.
    declarations = [body for _, _, body in bodies(7, 4_000, tree.wards, True, ("chest_pain",))]
    async with _crowd(server) as crowd:
        yield _Side(server, crowd, tokens, declarations)
    client.close()


class _Crowd:
    """Those who listen, in a process of their own."""

    def __init__(self, process: "subprocess.Popen[bytes]", server: DemoServer) -> None:
        self._process = process
        place = urlsplit(server.url)
        self._place = {"host": place.hostname, "port": place.port}

    async def tell(self, do: str, **command: Any) -> dict[str, Any]:
        """Has it done, and gives what it says. Raises CrowdFailed."""
        line = orjson.dumps({"do": do, **self._place, **command}) + b"\n"
        answer: dict[str, Any] = orjson.loads(await asyncio.to_thread(self._say, line))
        if failed := answer.get("failed"):
            raise CrowdFailed(failed)
        return answer

    def _say(self, line: bytes) -> bytes:
        if self._process.stdin is None or self._process.stdout is None:
            raise CrowdFailed("it has no ears")
        self._process.stdin.write(line)
        self._process.stdin.flush()
        return self._process.stdout.readline() or b'{"failed":"it has gone"}'


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "bench.watching"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@asynccontextmanager
async def _crowd(server: DemoServer) -> AsyncIterator[_Crowd]:
    process = await asyncio.to_thread(_start)
    try:
        yield _Crowd(process, server)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


def _family(pid: int) -> list[int]:
    """The process and what it has started that is Python: its workers, and not the database."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        try:
            if b"python" not in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")[0]:
                continue
            tasks = list(Path(f"/proc/{one}/task").iterdir())
            waiting += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found.append(one)
    return found


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
