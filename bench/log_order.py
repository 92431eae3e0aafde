"""Two ways to give an alert log an order in which a reader misses nothing, and the naive one, side by side.

`naive`: an identity column; a reader asks for what is greater than the last number it saw. `lock`: the number is drawn
under an advisory lock that is held until commit, so that numbers appear in their order. `watermark`: each row carries
its transaction's id, and a reader takes only rows of transactions older than every one that still runs
(pg_snapshot_xmin), ordered by transaction and number.
"""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from bench.demo_server import DemoServer
from bench.rounds import figure
from simulation.latency import latency
from simulation.waiting import until

WAYS = ("naive", "lock", "watermark")
_WRITERS = 32
_LOCK = 42
_LOOK = 0.002

_TABLES = """
DROP TABLE IF EXISTS bench_fact, bench_event;
CREATE TABLE bench_fact (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);
CREATE TABLE bench_event (seq bigint PRIMARY KEY, xid xid8 NOT NULL DEFAULT pg_current_xact_id(), fact bigint NOT NULL,
  written double precision NOT NULL);
CREATE INDEX ON bench_event (xid, seq);
DROP SEQUENCE IF EXISTS bench_number;
CREATE SEQUENCE bench_number;
"""
_FACT = "INSERT INTO bench_fact (body) VALUES ($1) RETURNING id"
_EVENT = "INSERT INTO bench_event (seq, fact, written) VALUES (nextval('bench_number'), $1, $2)"
_EVENT_LOCKED = f"""
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock({_LOCK}))
INSERT INTO bench_event (seq, fact, written) SELECT nextval('bench_number'), $1, $2 FROM held
"""
_AFTER = "SELECT seq, xid::text::bigint AS xid, fact, written FROM bench_event WHERE seq > $1 ORDER BY seq LIMIT 5000"
_BELOW_WATERMARK = """
SELECT seq, xid::text::bigint AS xid, fact, written FROM bench_event
WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, seq LIMIT 5000
"""


@dataclass(slots=True)
class Run:
    """What one way did in one round."""

    written: int = 0
    writing: list[float] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    behind: list[float] = field(default_factory=list)


async def measure_log_order(server: DemoServer, *, seconds: float, rounds: int) -> dict[str, Any]:
    """Each way in turns: transactions a second, how long one took, when the reader saw it, and what it missed.

    One in fifty transactions takes 20 ms longer, as one that waits for a row does: it is these that naive readers miss
    and that a watermark waits for.
    """
    setup = await server.connect()
    done: dict[str, list[Run]] = {way: [] for way in WAYS}
    try:
        for _ in range(rounds):
            for way in WAYS:
                await setup.execute(_TABLES)
                done[way].append(await _run(server, way, seconds))
    finally:
        await setup.execute("DROP TABLE IF EXISTS bench_fact, bench_event; DROP SEQUENCE IF EXISTS bench_number")
        await setup.close()
    return {way: _record(runs, seconds) for way, runs in done.items()}


async def _run(server: DemoServer, way: str, seconds: float) -> Run:
    run = Run()
    writers = [await server.connect() for _ in range(_WRITERS)]
    reader = await server.connect()
    reading = asyncio.create_task(_read(reader, way, run))
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number, writer in enumerate(writers):
            group.create_task(_write(writer, way, end, run, random.Random(number)))
    # What a reader has not seen two seconds after the last commit, it will never see.
    await until(lambda: len(run.seen) >= run.written, lambda: len(run.seen), patience=2.0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    for connection in (*writers, reader):
        await connection.close()
    return run


async def _write(
    connection: "asyncpg.Connection[asyncpg.Record]", way: str, end: float, run: Run, draw: random.Random
) -> None:
    statement = _EVENT_LOCKED if way == "lock" else _EVENT
    while (begun := time.monotonic()) < end:
        async with connection.transaction():
            fact = await connection.fetchval(_FACT, "x" * 200)
            slow = draw.random() < 0.02
            if slow and way == "lock":
                # The work comes before the log's line, which is written last.
                await connection.execute("SELECT pg_sleep(0.02)")
            await connection.execute(statement, fact, time.monotonic())
            if slow and way != "lock":
                await connection.execute("SELECT pg_sleep(0.02)")
        run.writing.append(time.monotonic() - begun)
        run.written += 1


async def _read(connection: "asyncpg.Connection[asyncpg.Record]", way: str, run: Run) -> None:
    xid, seq = 0, 0
    while True:
        if way == "watermark":
            rows = await connection.fetch(_BELOW_WATERMARK, str(xid), seq)
        else:
            rows = await connection.fetch(_AFTER, seq)
        now = time.monotonic()
        for row in rows:
            run.seen.append(row["fact"])
            run.behind.append(now - row["written"])
        if rows:
            xid, seq = rows[-1]["xid"], rows[-1]["seq"]
        await asyncio.sleep(_LOOK)


def _record(runs: list[Run], seconds: float) -> dict[str, Any]:
    return {
        "transactions_a_second": figure([run.written / seconds for run in runs]).record(),
        "transaction_ms": latency([value for run in runs for value in run.writing]).record(),
        "seen_after_ms": latency([value for run in runs for value in run.behind]).record(),
        "missed": sum(run.written - len(set(run.seen)) for run in runs),
        "twice": sum(len(run.seen) - len(set(run.seen)) for run in runs),
        "written": sum(run.written for run in runs),
    }
