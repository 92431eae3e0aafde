"""A past of so many cases, written into a measured server's database at once: what months of work would leave there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import asyncpg

from bench.demo_server import DemoServer

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_PIECES = 64
DAYS = 90
_NOW = "timestamptz '2022-03-18 12:00+07'"
_AT = f"({_NOW} - (n::float8 / $1 * {DAYS} * interval '1 day'))"
_SLICE = 1_000_000
"""So many cases are written at once: what a transaction keeps in mind of its rows must not fill the memory."""


def _identifier(kind: str) -> str:
    """A UUID that sorts by its moment, as the program makes them: an index of random ones outgrows memory first."""
    milliseconds = f"lpad(to_hex((extract(epoch FROM {_AT}) * 1000)::bigint), 12, '0')"
    return (
        f"({milliseconds} || '7' || substr(md5('{kind}' || n), 1, 3) || '8' || substr(md5('{kind}' || n), 4, 15))::uuid"
    )


# Each case with one declaration and one assessment; every ninth has an alert, as in March 2022. What was raised before
# the last day is taken, but for one in ten, which nobody ever took: an old backlog grows with the cases.
_LOAD = f"""
CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT {_identifier("case")} AS case_id, {_identifier("person")} AS person_id,
  {_identifier("declaration")} AS declaration_id, {_identifier("submission")} AS submission_id,
  {_identifier("assessment")} AS assessment_id, {_identifier("alert")} AS alert_id,
  n, w.id AS area_id, w.lo AS area_no, s.id AS station_id, {_AT} AS at,
  CASE WHEN n % 45 = 0 THEN 0 WHEN n % 11 = 0 THEN 1 WHEN n % 66 = 5 THEN 2 ELSE 3 END AS rank
FROM generate_series($2::bigint, $3::bigint) AS n
JOIN (SELECT id, lo, row_number() OVER (ORDER BY lo) - 1 AS place, count(*) OVER () AS wards FROM area
      WHERE level = 3) AS w ON w.place = (n * 7919) % w.wards
LEFT JOIN station s ON s.area_id = w.id AND s.kind = 'WARD_STATION'
"""
# A table, its columns, and what is copied into them.
_COPIES = (
    ("person", "id, created_at", "SELECT person_id, at FROM made"),
    (
        "submission",
        (
            "id, idempotency_key, body_hash, receipt_code, disease, area_id, area_no, station_id, verified, "
            "phone_hash, contact, submitted_at"
        ),
        """SELECT submission_id, submission_id::text, '', 'h' || n, 'covid19', area_id, area_no, station_id, false,
      md5(n::text), ''::bytea, at FROM made""",
    ),
    (
        "illness_case",
        (
            "id, person_id, disease, area_id, area_no, station_id, state, identity, phone_hash, verified, sex, "
            "age_band, severe, high_risk, danger, rank, opened_at"
        ),
        """SELECT case_id, person_id, 'covid19', area_id, area_no, station_id, 'SUSPECTED', sha256(n::text::bytea) ||
      sha256((n + 1)::text::bytea) || sha256((n + 2)::text::bytea), md5(n::text), false, 'female', '18-49', rank < 2,
      rank = 2, CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, rank, at FROM made""",
    ),
    (
        "declaration",
        (
            "id, submission_id, position, case_id, disease, area_id, area_no, station_id, state, "
            "possible_duplicate, verified, severe, high_risk, danger, rank, report, submitted_at, day"
        ),
        """SELECT declaration_id, submission_id, 0, case_id, 'covid19', area_id, area_no, station_id, 'SUBMITTED',
      false, false, rank < 2, rank = 2, CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, rank,
      sha256(n::text::bytea) || sha256((n + 1)::text::bytea), at, (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    FROM made""",
    ),
    (
        "assessment",
        (
            "id, declaration_id, case_id, area_no, severe, high_risk, danger, reasons, missing, age_from_year, "
            "protocol, assessed_at"
        ),
        """SELECT assessment_id, declaration_id, case_id, area_no, rank < 2, rank = 2,
      CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, '[]', '[]', false, 'covid19-hcmc-2022-03-17', at
    FROM made""",
    ),
    (
        "alert",
        (
            "id, case_id, declaration_id, kind, danger, rank, disease, area_id, area_no, station_id, verified, "
            "protocol, reasons, state, level, raised_at, due_at, acknowledged_at"
        ),
        f"""SELECT alert_id, case_id, declaration_id, CASE WHEN rank < 2 THEN 'SEVERE' ELSE 'HIGH_RISK' END,
      CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, rank, 'covid19', area_id, area_no, station_id, false,
      'covid19-hcmc-2022-03-17', '[]', CASE WHEN open THEN 'RAISED' ELSE 'ACKNOWLEDGED' END, 'station', at,
      at + interval '30 minutes', CASE WHEN open THEN NULL ELSE at + interval '20 minutes' END
    FROM (SELECT *, at > {_NOW} - interval '1 day' OR n % 10 = 0 AS open FROM made WHERE rank < 3) AS m""",
    ),
)
_COUNTS = (
    """INSERT INTO area_count (area_id, area_no, disease, day, declared, severe, high_risk, pending, alerts,
      open_alerts, acknowledged, version)
    SELECT d.area_id, d.area_no, d.disease, v.day, count(*), count(*) FILTER (WHERE d.severe),
      count(*) FILTER (WHERE d.high_risk), count(*), count(a.id), count(a.id) FILTER (WHERE a.state = 'RAISED'),
      count(a.id) FILTER (WHERE a.state <> 'RAISED'), 1
    FROM declaration d LEFT JOIN alert a ON a.declaration_id = d.id
    CROSS JOIN LATERAL (VALUES (d.day), (date '-infinity')) AS v (day)
    GROUP BY d.area_id, d.area_no, d.disease, v.day""",
    """INSERT INTO ack_histogram (area_id, area_no, disease, day, bucket, count)
    SELECT a.area_id, a.area_no, a.disease, v.day, 60 + (hashtext(a.id::text) & 15), count(*)
    FROM alert a CROSS JOIN LATERAL (VALUES ((a.raised_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date), (date '-infinity'))
      AS v (day)
    WHERE a.state = 'ACKNOWLEDGED' GROUP BY 1, 2, 3, 4, 5""",
)

# Of the tables that are loaded: the indexes that no constraint needs.
_INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i WHERE i.indrelid = ANY ($1::text[]::regclass[]) AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


async def load_history(server: DemoServer, cases: int, tell: Callable[[str], None] | None = None) -> None:
    """Writes the past into an empty installation and has its statistics gathered, as autovacuum would have.

    `tell` hears how far it is.

    By COPY from one connection, which makes the rows, to another. Foreign keys are true by the way the rows are made,
    and are not looked at again.
    """
    told = tell or (lambda _: None)
    makes, takes = await server.connect(login="postgres"), await server.connect(login="postgres")
    try:
        await makes.execute("SET work_mem = '256MB'")
        await takes.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        await takes.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'")
        # Made at once from all rows: kept up to date row by row they take most of the time, and those whose order is
        # not that of time outgrow the memory.
        indexes = await takes.fetch(_INDEXES, [table for table, _, _ in _COPIES])
        for index in indexes:
            await takes.execute(f"DROP INDEX {index['name']}")
        for first in range(1, cases + 1, _SLICE):
            last = min(first + _SLICE - 1, cases)
            await _copy(makes, takes, cases, first, last)
            told(f"{last:,} of {cases:,} cases written")
        for number, index in enumerate(indexes, start=1):
            await takes.execute(index["definition"])
            told(f"{number} of {len(indexes)} indexes made")
        for statement in _COUNTS:
            await takes.execute(statement)
        told("counted; gathering statistics")
        await takes.execute("VACUUM ANALYZE")
    finally:
        await makes.close()
        await takes.close()


async def _copy(makes: Connection, takes: Connection, cases: int, first: int, last: int) -> None:
    made = _LOAD.replace("$1", str(cases)).replace("$2", str(first)).replace("$3", str(last))
    async with makes.transaction(), takes.transaction():
        await makes.execute(made)
        for table, columns, rows in _COPIES:
            names = columns.split(", ")
            pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=_PIECES)
            async with asyncio.TaskGroup() as group:
                group.create_task(_read(makes, rows, pieces))
                group.create_task(takes.copy_to_table(table, source=_each(pieces), columns=names))


async def _read(makes: Connection, rows: str, pieces: "asyncio.Queue[bytes | None]") -> None:
    await makes.copy_from_query(rows, output=pieces.put)
    await pieces.put(None)


async def _each(pieces: "asyncio.Queue[bytes | None]") -> AsyncIterator[bytes]:
    while (piece := await pieces.get()) is not None:
        yield piece
