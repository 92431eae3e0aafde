"""The alert log in one table, and cut into months: what each takes to write, to read on, to look up and to shorten.

Both are copies beside the true one, with its columns and indexes. A table that is cut by time has to have the time in
its key, so nothing keeps a `seq` from being given twice; and who looks up an alert looks into every month.
"""

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import asyncpg

from bench.demo_server import DemoServer
from bench.rounds import figure

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

WHOLE, CUT = "bench_log_whole", "bench_log_cut"
MONTHS = 12
_BEGIN = "timestamptz '2022-01-01 00:00+07'"
_MONTH = "interval '30 days'"
_COLUMNS = """(seq bigint NOT NULL, alert_id uuid NOT NULL, area_no int NOT NULL, change varchar(16) NOT NULL,
  state varchar(16) NOT NULL, level varchar(16) NOT NULL, at timestamptz NOT NULL, due_at timestamptz NOT NULL,
  account_id uuid, written_at timestamptz)"""
_TABLES = f"""
CREATE TABLE {WHOLE} {_COLUMNS};
ALTER TABLE {WHOLE} ADD PRIMARY KEY (seq);
CREATE INDEX ON {WHOLE} (alert_id);
CREATE TABLE {CUT} {_COLUMNS} PARTITION BY RANGE (at);
ALTER TABLE {CUT} ADD PRIMARY KEY (seq, at);
CREATE INDEX ON {CUT} (alert_id);
"""
_PARTITION = "CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ({begin}) TO ({end})"
# Three events an alert, whose identifiers rise with the time as the program's do.
_LOAD = f"""
INSERT INTO {{table}}
SELECT n, (lpad(to_hex(n / 3 * 1000), 12, '0') || '70008' || substr(md5((n / 3)::text), 1, 15))::uuid, n % 50000,
  'RAISED', 'RAISED', 'STATION', m.at, m.at, NULL, m.at
FROM generate_series(1, {{rows}}::bigint) n,
  LATERAL (SELECT {_BEGIN} + {MONTHS} * {_MONTH} * ((n - 1.0) / {{rows}}) AS at) m
"""
_APPEND = f"""
INSERT INTO {{table}} SELECT (SELECT max(seq) FROM {{table}}) + n, gen_random_uuid(), n, 'RAISED', 'RAISED', 'STATION',
  {_BEGIN} + {MONTHS} * {_MONTH} - interval '1 minute', now(), NULL, now() FROM generate_series(1, 10) n
"""
_READ_ON = "SELECT * FROM {table} WHERE seq > (SELECT max(seq) FROM {table}) - 500 ORDER BY seq LIMIT 500"
_ONE_ALERT = "SELECT * FROM {table} WHERE alert_id = $1 ORDER BY seq"
_NEWEST = "SELECT DISTINCT alert_id FROM {table} ORDER BY 1 DESC LIMIT 20000"
_ASKS = 50


async def measure_partitions(
    server: DemoServer, rows: int, rounds: int, tell: Callable[[str], None]
) -> dict[str, dict[str, dict[str, float]]]:
    """Milliseconds of each, for the log whole and cut, in turns; each round takes one more month away, the oldest."""
    connection = await server.connect()
    try:
        await connection.execute(_TABLES)
        for month in range(MONTHS):
            begin, end = [await connection.fetchval(f"SELECT quote_literal({_day(month + more)})") for more in (0, 1)]
            name = f"{CUT}_{month}"
            await connection.execute(_PARTITION.format(name=name, table=CUT, begin=begin, end=end))
        for table in (WHOLE, CUT):
            tell(f"loading {rows:,} events into {table}")
            await connection.execute(_LOAD.format(table=table, rows=rows))
            await connection.execute(f"VACUUM ANALYZE {table}")
        found: dict[str, dict[str, list[float]]] = {}
        for month in range(min(rounds, MONTHS - 1)):
            tell(f"round {month + 1} of {rounds}")
            for table in (WHOLE, CUT) if month % 2 else (CUT, WHOLE):
                for name, taken in (await _round(connection, table, month)).items():
                    found.setdefault(name, {}).setdefault(table, []).append(taken)
        return {name: {table: figure(each).record() for table, each in both.items()} for name, both in found.items()}
    finally:
        await connection.close()


def _day(month: int) -> str:
    return f"{_BEGIN} + {month} * {_MONTH}"


async def _round(connection: Connection, table: str, month: int) -> dict[str, float]:
    """Milliseconds of each thing, for one table. The statements are kept, as the program's pool keeps them."""
    newest = await connection.fetch(_NEWEST.format(table=table))
    some = [row["alert_id"] for row in newest[:: len(newest) // _ASKS][:_ASKS]]
    taken = {
        "append_10": await _milliseconds(connection, _APPEND.format(table=table), [()] * _ASKS),
        "read_on_500": await _milliseconds(connection, _READ_ON.format(table=table), [()] * _ASKS),
        "one_alert": await _milliseconds(connection, _ONE_ALERT.format(table=table), [(id,) for id in some]),
    }
    begun = time.perf_counter()
    if table == CUT:
        await connection.execute(f"DROP TABLE {CUT}_{month}")
    else:
        await connection.execute(f"DELETE FROM {WHOLE} WHERE at < {_day(month + 1)}")
        await connection.execute(f"VACUUM {WHOLE}")
    return {**taken, "take_a_month_away": (time.perf_counter() - begun) * 1e3}


async def _milliseconds(connection: Connection, text: str, asked: list[tuple[Any, ...]]) -> float:
    statement = await connection.prepare(text)
    await statement.fetch(*asked[0])
    begun = time.perf_counter()
    for values in asked:
        await statement.fetch(*values)
    return (time.perf_counter() - begun) / len(asked) * 1e3
