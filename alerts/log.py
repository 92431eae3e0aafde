"""The alert log: durable, numbered in the order of commits, read by every hub and every returning client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.jurisdiction import EVERYWHERE, Jurisdiction
from models.alert import Alert
from models.case import Case
from models.loaded import filled
from models.locks import ALERT_LOG_LOCK
from models.state import AlertChange, AlertKind, AlertState, Danger, Level, Outcome

# One statement and raw, because the number has to be drawn after the lock is held. The lock lasts until commit, so it
# comes last: whoever waits for it waits for one flush to disk. Without it 187 of 600 alerts were overtaken and lost.
_APPEND = f"""
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock({ALERT_LOG_LOCK}))
INSERT INTO alert_event (seq, alert_id, area_no, change, state, level, at, due_at, account_id,
  written_at)
SELECT nextval('alert_log_number'), e.alert_id, a.area_no, e.change, coalesce(e.state, a.state),
  coalesce(e.level, a.level), e.at, a.due_at, e.account_id,
  clock_timestamp()
FROM held, unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[])
  WITH ORDINALITY AS e (alert_id, change, at, account_id, state, level, position)
JOIN alert a ON a.id = e.alert_id
ORDER BY e.position
"""

# Joined by hand, because each hub reads it for every event and the ORM would take three statements.
_READ = """
SELECT e.seq, e.change, e.at, e.written_at, e.state AS event_state, e.level AS event_level, e.due_at AS event_due_at,
  e.area_no AS event_area_no, e.account_id AS event_account_id, a.*, c.person_id, c.state AS case_state, {identity},
  {phone_hash}, {care}, c.sex, c.age_band, c.severe, c.high_risk, c.opened_at, c.confirmed_at, c.contacted_at,
  c.closed_at, c.anonymised_at, c.version AS case_version, c.rank AS case_rank, c.danger AS case_danger,
  c.verified AS case_verified, c.area_id AS case_area_id, c.area_no AS case_area_no, c.station_id AS case_station_id
FROM alert_event e JOIN alert a ON a.id = e.alert_id JOIN {table} c ON c.id = a.case_id
WHERE e.seq > $1 AND e.seq <= $2 AND e.area_no BETWEEN $3 AND $4 AND a.kind = ANY($5::text[])
ORDER BY e.seq LIMIT $6
"""
# The version of everybody's rights as of the same moment, so that whoever reads an event knows whether something was
# taken from somebody before it was written. The join gives one row where there is no event.
_LOOK = """
SELECT v.access_version, e.* FROM (SELECT coalesce(max(access_version), 0) AS access_version FROM installation) v
LEFT JOIN LATERAL ({read}) e ON true ORDER BY e.seq
"""
_WHOLE = _READ.format(
    table="illness_case",
    identity="c.identity",
    phone_hash="c.phone_hash",
    care="c.claimed_by, c.claimed_until, c.unreached, c.merged_into",
)
_OUTLINED = _READ.format(
    table="case_outline",
    identity="''::bytea AS identity",
    phone_hash="'' AS phone_hash",
    care="NULL::uuid AS claimed_by, NULL::timestamptz AS claimed_until, 0 AS unreached, NULL::uuid AS merged_into",
)

# A whole log may begin with a greater number than 1: the first transaction that drew one came to nothing. Whoever had
# the position of the empty log would be told for ever that it is too old. So something was taken away only where an
# alert as old as the first event has not the event with which each alert begins. That walks over the alerts, so it is
# looked for only where the cursor is older than what is there: a station that comes back never is.
_FLOOR = f"""
SELECT f.seq - 1 AS seq, CASE WHEN $1 < f.seq - 1 THEN EXISTS (
  SELECT FROM alert a WHERE a.raised_at <= f.at
    AND NOT EXISTS (SELECT FROM alert_event e WHERE e.alert_id = a.id AND e.change = '{AlertChange.RAISED.value}')
) ELSE false END AS cut_off
FROM (SELECT seq, at FROM alert_event ORDER BY seq LIMIT 1) f
"""
_REACH = f"""
SELECT (SELECT coalesce(max(seq), 0) FROM alert_event) AS position, floor.* FROM (SELECT) one
LEFT JOIN ({_FLOOR}) floor ON true
"""

EVERY_KIND = frozenset(AlertKind)
NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Step:
    """One of several things that happen to an alert in one transaction, and how it stood after that."""

    alert_id: UUID
    change: AlertChange
    state: AlertState
    level: str


@dataclass(frozen=True, slots=True)
class LoggedAlert:
    """One event, with the alert as it was when the event happened and its case as it is."""

    seq: int
    change: AlertChange
    at: datetime
    area_no: int
    account_id: UUID | None
    alert: Alert
    case: Case
    written_at: datetime | None = None
    """In the database's own time, just before its commit; to measure from."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Events, and the installation's access version as of the moment at which they were read."""

    version: int
    events: list[LoggedAlert]


async def append(
    connection: AsyncpgDBClient,
    alerts: Sequence[UUID],
    change: AlertChange,
    at: datetime | Sequence[datetime],
    account_id: UUID | None = None,
) -> None:
    """Writes one event for each alert, in this order, from the alert's row as it now stands.

    `at` is when it happened: to all of them, or to each.

    Call it last in a transaction: it holds the log's lock until commit.
    """
    count = len(alerts)
    nothing = [None] * count
    await connection.execute_query(
        _APPEND, [list(alerts), [change.value] * count, _moments(at, count), [account_id] * count, nothing, nothing]
    )


async def append_steps(connection: AsyncpgDBClient, steps: Sequence[Step], at: datetime | Sequence[datetime]) -> None:
    """Writes one event for each step, in this order, also where an alert has taken several since its row was last seen.

    Call it last in a transaction, as `append`.
    """
    count = len(steps)
    changes = [step.change.value for step in steps]
    states, levels = [step.state.value for step in steps], [str(step.level) for step in steps]
    ids = [step.alert_id for step in steps]
    await connection.execute_query(_APPEND, [ids, changes, _moments(at, count), [None] * count, states, levels])


def _moments(at: datetime | Sequence[datetime], count: int) -> Sequence[datetime]:
    return [at] * count if isinstance(at, datetime) else at


async def position(connection: AsyncpgDBClient) -> int:
    """The number of the newest event that this connection's snapshot sees; 0 for an empty log."""
    _, rows = await connection.execute_query("SELECT coalesce(max(seq), 0) AS seq FROM alert_event")
    return int(rows[0]["seq"])


async def reach(connection: AsyncpgDBClient, oldest: int) -> tuple[int, int]:
    """The same position, and the number before which events have been taken away: cursors below it miss some.

    Of cursors of which this is the `oldest`; 0 where none of them misses anything.
    """
    _, rows = await connection.execute_query(_REACH, [oldest])
    return int(rows[0]["position"]), int(rows[0]["seq"]) if rows[0]["cut_off"] else 0


async def read(
    connection: AsyncpgDBClient,
    after: int,
    until: int = NEWEST,
    where: Jurisdiction = EVERYWHERE,
    kinds: frozenset[AlertKind] = EVERY_KIND,
    limit: int = 500,
    *,
    outlined: bool = False,
) -> list[LoggedAlert]:
    """The events after one number up to another, within a range of areas, in order, at most `limit`.

    `outlined` leaves out who the cases are: for a transaction that may see no case.
    """
    return (await look(connection, after, until, where, kinds, limit, outlined=outlined)).events


async def look(
    connection: AsyncpgDBClient,
    after: int,
    until: int = NEWEST,
    where: Jurisdiction = EVERYWHERE,
    kinds: frozenset[AlertKind] = EVERY_KIND,
    limit: int = 500,
    *,
    outlined: bool = False,
) -> Looked:
    """The same with the access version, in one statement and so of one moment."""
    statement = _LOOK.format(read=_OUTLINED if outlined else _WHOLE)
    _, rows = await connection.execute_query(
        statement, [after, until, where.lo, where.hi, [kind.value for kind in kinds], limit]
    )
    return Looked(int(rows[0]["access_version"]), [_logged(row) for row in rows if row["seq"] is not None])


def _logged(row: Any) -> LoggedAlert:
    change = AlertChange(row["change"])
    return LoggedAlert(
        seq=row["seq"],
        change=change,
        at=row["at"],
        area_no=row["event_area_no"],
        account_id=row["event_account_id"],
        alert=_alert(row),
        case=_case(row),
        written_at=row["written_at"],
    )


def _alert(row: Any) -> Alert:
    state = AlertState(row["event_state"])
    taken = state in (AlertState.ACKNOWLEDGED, AlertState.RESOLVED)
    resolved = state is AlertState.RESOLVED
    return filled(
        Alert,
        id=row["id"],
        case_id=row["case_id"],
        declaration_id=row["declaration_id"],
        kind=AlertKind(row["kind"]),
        danger=Danger(row["danger"]) if row["danger"] else None,
        rank=row["rank"],
        disease=row["disease"],
        area_id=row["area_id"],
        area_no=row["area_no"],
        station_id=row["station_id"],
        verified=row["verified"],
        protocol=row["protocol"],
        reasons=orjson.loads(row["reasons"]),
        state=state,
        level=Level(row["event_level"]),
        raised_at=row["raised_at"],
        due_at=row["event_due_at"],
        acknowledged_by=row["acknowledged_by"] if taken else None,
        acknowledged_at=row["acknowledged_at"] if taken else None,
        resolved_by=row["resolved_by"] if resolved else None,
        resolved_at=row["resolved_at"] if resolved else None,
        outcome=Outcome(row["outcome"]) if resolved and row["outcome"] else None,
        note=row["note"] if resolved else None,
        version=row["version"],
    )


def _case(row: Any) -> Case:
    return filled(
        Case,
        id=row["case_id"],
        person_id=row["person_id"],
        disease=row["disease"],
        area_id=row["case_area_id"],
        area_no=row["case_area_no"],
        station_id=row["case_station_id"],
        state=row["case_state"],
        identity=row["identity"],
        phone_hash=row["phone_hash"],
        claimed_by=row["claimed_by"],
        claimed_until=row["claimed_until"],
        verified=row["case_verified"],
        sex=row["sex"],
        age_band=row["age_band"],
        severe=row["severe"],
        high_risk=row["high_risk"],
        danger=Danger(row["case_danger"]) if row["case_danger"] else None,
        rank=row["case_rank"],
        opened_at=row["opened_at"],
        confirmed_at=row["confirmed_at"],
        contacted_at=row["contacted_at"],
        closed_at=row["closed_at"],
        anonymised_at=row["anonymised_at"],
        unreached=row["unreached"],
        merged_into=row["merged_into"],
        version=row["case_version"],
    )
