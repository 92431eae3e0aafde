"""Retention: what is older than its protocol wants it kept becomes anonymous, a few cases at a time."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.trail import record
from models.database import service_connection, service_transaction
from models.locks import RETENTION_LOCK
from services.anonymise import Anonymised, anonymise, lock_persons
from services.runtime import Runtime

BATCH = 200
"""Cases in one transaction: a report of one of their persons waits no longer than that takes."""

NEVER_CLOSED_DAYS = 90
"""What is added for a case that nobody has closed. The retention counts from the end of an illness; none of these lasts
longer than a quarter, hospital and all, so by then it has ended although nobody has said so. Without this a case that a
station forgot would name its person for good."""

# A protocol decides by its retention for the cases that it judged last; one that this process does not know yet decides
# nothing. The shortest retention of all stands there as well, because by it the old ones are found in an index.
_DUE = """
SELECT {} FROM illness_case c CROSS JOIN LATERAL (
  SELECT a.protocol, a.assessed_at FROM assessment a WHERE a.case_id = c.id
  ORDER BY a.assessed_at DESC, a.id DESC LIMIT 1
) a JOIN unnest($2::text[], $3::int[]) AS p (version, days) ON p.version = a.protocol
WHERE c.anonymised_at IS NULL AND c.opened_at < $1::timestamptz - make_interval(days => $4)
  AND coalesce(c.closed_at, greatest(c.opened_at, a.assessed_at) + make_interval(days => $5))
    < $1::timestamptz - make_interval(days => p.days)
"""
_COUNTED = (
    "count(*) FILTER (WHERE c.closed_at IS NOT NULL) AS closed, count(*) FILTER (WHERE c.closed_at IS NULL) AS open"
)
_COUNT = _DUE.format(_COUNTED)
_NEXT = _DUE.format("c.id") + "ORDER BY c.opened_at, c.id LIMIT $6"
_STILL = _DUE.format("c.id") + "AND c.id = ANY($6::uuid[]) ORDER BY c.id"
_LOCK = "SELECT pg_try_advisory_xact_lock($1) AS taken"

Progress = Callable[[int, int], None]
"""Hears how many cases of how many are done."""


@dataclass(frozen=True, slots=True)
class Due:
    """How many cases are older than they are to be kept: of those closed, and of those that nobody has closed."""

    closed: int
    never_closed: int


@dataclass(frozen=True, slots=True)
class Retained:
    """What became anonymous. `busy` says that another process is doing the same at this moment, and does the rest."""

    cases: int = 0
    submissions: int = 0
    busy: bool = False


async def count_due(runtime: Runtime) -> Due:
    """What a run would make anonymous now; nothing changes."""
    rows = await _ask(runtime, service_connection(), _COUNT, runtime.clock.now())
    return Due(rows[0]["closed"], rows[0]["open"])


async def run_retention(runtime: Runtime, actor: Actor, progress: Progress = lambda done, total: None) -> Retained:
    """Makes what is due anonymous, in transactions of BATCH cases: cut off at any moment, it goes on where it was."""
    due = await count_due(runtime)
    total = due.closed + due.never_closed
    cases = submissions = 0
    while True:
        progress(cases, max(cases, total))
        done = await _batch(runtime, actor)
        if done is None or not done.cases:
            return Retained(cases, submissions, busy=done is None)
        if done.sessions:
            runtime.hub.wake()
        cases, submissions = cases + done.cases, submissions + done.submissions


async def _batch(runtime: Runtime, actor: Actor) -> Anonymised | None:
    """One transaction; None where another process has the lock. The service's login: it is done for all areas."""
    now = runtime.clock.now()
    async with service_transaction() as connection:
        _, rows = await connection.execute_query(_LOCK, [RETENTION_LOCK])
        if not rows[0]["taken"]:
            return None
        due = [row["id"] for row in await _ask(runtime, connection, _NEXT, now, BATCH)]
        locked = await lock_persons(connection, due)
        # Asked again: while their persons were waited for, a report may have joined one of them.
        cases: list[UUID] = [row["id"] for row in await _ask(runtime, connection, _STILL, now, locked)]
        if not cases:
            return Anonymised()
        done = await anonymise(runtime, connection, cases, now)
        await record(connection, actor, "retention", now, [str(id) for id in cases], detail={"cases": done.cases})
        return done


async def _ask(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    statement: str,
    now: datetime,
    last: int | Collection[UUID] | None = None,
) -> list[Any]:
    days = {one.version: one.retention_days for one in runtime.protocols.all()}
    values: list[Any] = [now, list(days), list(days.values()), min(days.values()), NEVER_CLOSED_DAYS]
    _, rows = await connection.execute_query(statement, values if last is None else [*values, last])
    return list(rows)
