"""How the cost of what staff and residents ask grows with the past: from ten thousand cases to ten million."""

import asyncio
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson

from bench.demo_server import DemoServer, kept_demo_server
from bench.history import load_history
from bench.load import Load
from bench.rounds import figure
from bench.sending import sent
from bench.sizes import move_to_end
from bench.work import WORKS, write_bodies
from simulation.client import Client
from simulation.staff import ADMINISTRATOR, DEPARTMENT, sign_in
from simulation.tree import read_tree

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_BYTES = 2_500
"""What a case takes on the disk with its person, declaration, assessment and alert and their indexes: 2,190 with a
million of them, rounded up."""
_LOG = 4 * 2**30
"""What the log of writing takes in each database at most: its bound is 2 GiB, and may be passed for a moment."""
_SPARE = 5 * 2**30
"""Disk that stays free: others live on it."""

_LOADED = "loaded"
_QUIET = {"KHAIBAO_ESCALATION": "false"}
"""Old alerts that nobody took have climbed at their time, and would all climb at once here."""

_WORKS = ("summary", "worklist", "list", "declare")
_ROOT = Path(__file__).parent.parent


def fitting(sizes: Sequence[int], free: int) -> list[int]:
    """Those of the sizes that fit on so many free bytes all together, the smallest first and in any case."""
    found: list[int] = []
    for size in sorted(sizes):
        taken = (sum(found) + size) * _BYTES + (len(found) + 1) * _LOG
        if taken <= free - _SPARE or size == min(sizes):
            found.append(size)
    return found


async def measure_growth(
    port: int, *, sizes: Sequence[int], rounds: int, seconds: float, keep: Path | None, tell: Callable[[str], None]
) -> dict[str, Any]:
    """The p95 of each kind of work at each size, one request after another, and by which power of the size it grows.

    One server for each size, asked in turns, so that what else the machine does meets all alike. In the folder `keep`
    the databases stay, and a later run asks those that are there.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khaibao-growth-")))
        places = {size: (keep or folder) / str(size) for size in sizes}
        there, free = await asyncio.to_thread(_there, places, keep or folder)
        fit = sorted(there | set(fitting([size for size in sizes if size not in there], free)))
        tell(f"{free / 2**30:.0f} GiB are free; the largest size that fits is {fit[-1]:,} cases")
        servers = {}
        for place, size in enumerate(fit):
            if size not in there:
                await _load(port + place, places[size], size, tell)
            one = kept_demo_server(port + place, places[size], again=True, more=_QUIET)
            servers[size] = await stack.enter_async_context(one)
            await move_to_end(servers[size])
        bodies = await _bodies(servers[fit[0]], folder, int((rounds + 1) * seconds * 1_000))
        tokens = {size: await _token(server) for size, server in servers.items()}
        found: dict[str, Any] = {"sizes": fit, "left_out": sorted(set(sizes) - set(fit)), "free_bytes": free}
        found["database_bytes"] = {size: await _size(server) for size, server in servers.items()}
        found["plans"] = {name: await _plan(servers[fit[-1]], name) for name in ("worklist", "summary")}
        for name in _WORKS:
            tell(f"asking for {name}")
            found[name] = await _measured(name, servers, tokens, bodies[name], rounds, seconds)
        return found


def _there(places: Mapping[int, Path], folder: Path) -> tuple[set[int], int]:
    """The sizes that were loaded before, and how many bytes are free where the others will be."""
    folder.mkdir(parents=True, exist_ok=True)
    return {size for size, place in places.items() if (place / _LOADED).exists()}, shutil.disk_usage(folder).free


async def _load(port: int, place: Path, size: int, tell: Callable[[str], None]) -> None:
    tell(f"loading {size:,} cases")
    # What an earlier run did not end.
    await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    async with kept_demo_server(port, place, again=False, more=_QUIET) as server:
        await load_history(server, size, tell)
    await asyncio.to_thread((place / _LOADED).touch)


def slope(points: dict[int, float]) -> float:
    """The power of the size by which a figure grows: 0 where it does not, 1 where it doubles with it."""
    if len(points) < 2:
        return 0.0
    across, up = [math.log(size) for size in points], [math.log(value) for value in points.values()]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    return sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / sum(
        (x - middle) ** 2 for x in across
    )


def draw(found: dict[str, Any], file: Path) -> None:
    """The curves as a PNG. Raises CalledProcessError where matplotlib cannot be brought."""
    subprocess.run([str(_ROOT / ".ci" / "plots")], check=True)
    series = {
        f"{WORKS[name].what} (slope {found[name]['slope']:.2f})": {
            size: one["median"] for size, one in found[name]["p95_ms"].items()
        }
        for name in _WORKS
    }
    told = {"series": series, "title": "What is asked, as the past grows", "across": "cases", "up": "p95, ms"}
    path = os.pathsep.join([str(_ROOT), str(_ROOT / ".cache" / "plots")])
    command = [sys.executable, "-m", "bench.plot", str(file)]
    plain = orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS)
    subprocess.run(command, input=plain, env=os.environ | {"PYTHONPATH": path}, check=True)


async def _measured(
    name: str, servers: dict[int, DemoServer], tokens: dict[int, str], bodies: Path, rounds: int, seconds: float
) -> dict[str, Any]:
    work = WORKS[name]
    p95: dict[int, list[float]] = {size: [] for size in servers}
    used = dict.fromkeys(servers, 0)
    for number in range(rounds + 1):
        for size, server in servers.items():
            token = tokens[size] if work.account else None
            load = Load(server.url, str(bodies), work.marker, seconds, clients=1, begin=used[size], token=token)
            done = await sent(load)
            used[size] += done["answers"] + done["refused"] + 1
            if number:
                p95[size].append(done["ms"]["p95"])
    middle = {size: figure(values) for size, values in p95.items()}
    return {
        "p95_ms": {size: one.record() for size, one in middle.items()},
        "slope": round(slope({size: one.middle for size, one in middle.items()}), 3),
        "largest_to_smallest": round(middle[max(middle)].middle / middle[min(middle)].middle, 2),
    }


async def _bodies(server: DemoServer, folder: Path, calls: int) -> dict[str, Path]:
    token = (await sign_in(server.endpoint, [ADMINISTRATOR], server.password))[ADMINISTRATOR]
    client = Client(server.endpoint)
    wards = (await read_tree(client, token)).wards
    client.close()
    run = int(time.time())
    return {name: await asyncio.to_thread(write_bodies, WORKS[name], folder, wards, calls, run) for name in _WORKS}


async def _token(server: DemoServer) -> str:
    return (await sign_in(server.endpoint, [DEPARTMENT], server.password))[DEPARTMENT]


async def _size(server: DemoServer) -> int:
    connection = await server.connect()
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()


async def _plan(server: DemoServer, name: str) -> list[str]:
    """How the database goes about what the floor asks for this work: its EXPLAIN at the largest size."""
    text = (_ROOT / "bench" / "peers" / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    connection = await server.connect()
    try:
        city, lo, hi = await connection.fetchrow("SELECT id, lo, hi FROM area WHERE parent_id IS NULL")
        now = "timestamptz '2022-03-18 12:00+07'"
        values = {"worklist": [lo, hi, 51, now], "summary": [f"'{city}'", "date '2022-03-18'", now, "'covid19'"]}[name]
        for number, value in enumerate(values, start=1):
            text = text.replace(f"${number}", str(value))
        return [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {text}")]
    finally:
        await connection.close()
