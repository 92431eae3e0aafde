"""The one statement that writes whole declarations, one or as many as share a transaction, and the rows it is given.

Raw, and one statement, because this is the path of the worst day: written by the ORM the same rows took four times as
long, for each of them is a round trip that holds a connection.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from alerts.outbox import SealedLetter
from models.area_count import ALL_DAYS
from models.identifier import uuid7
from models.state import DeclarationState


class SubmissionRow(NamedTuple):
    """The household's call."""

    id: UUID
    idempotency_key: str
    body_hash: str
    receipt_code: str
    disease: str
    area_id: str
    area_no: int
    station_id: str | None
    verified: bool
    phone_hash: str
    contact: bytes
    submitted_at: datetime
    day: date


class PersonRow(NamedTuple):
    """One person: the declaration, the assessment, and a case that is new or joined."""

    submission_id: UUID
    declaration_id: UUID
    position: int
    case_id: UUID
    person_id: UUID
    new_case: bool
    new_person: bool
    possible_duplicate: bool
    identity: bytes
    sex: str
    age_band: str
    severe: bool
    high_risk: bool
    danger: str | None
    rank: int
    report: bytes
    assessment_id: UUID
    reasons: str
    missing: str
    age_from_year: bool
    protocol: str
    state: str


class AlertRow(NamedTuple):
    """One alert that the report raises."""

    id: UUID
    case_id: UUID
    declaration_id: UUID
    kind: str
    danger: str | None
    rank: int
    reasons: str
    protocol: str
    level: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """All rows of one household's declaration.

    `opened_to` is the grantee of each declaration, None where there is none; `letter` is what tells the household.
    """

    submission: SubmissionRow
    actor: Actor
    opened_to: str | None
    letter: SealedLetter | None
    people: list[PersonRow] = field(default_factory=list)
    keys: list[tuple[str, UUID]] = field(default_factory=list)
    alerts: list[AlertRow] = field(default_factory=list)


# Everything hangs on `t`, the submissions whose key was new. PostgreSQL runs the parts that write from the last to the
# first, so the counters come first in the text: their rows are what most transactions wait for, and are held shortest.
# Each part writes in one order (of keys, hashes, areas), so that no two statements wait for each other in a ring.
_WRITE = """
WITH g AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1) AS g (id uuid, idempotency_key text, body_hash text, receipt_code text,
    disease text, area_id text, area_no int, station_id text, verified bool, phone_hash text, contact bytea,
    submitted_at timestamptz, day date, account_id uuid, actor text, session_id uuid, origin text, request_id text,
    audit_id uuid, opened_to text, declared int, severe int, high_risk int, pending int, alerts int)
), s AS (
  INSERT INTO submission (id, idempotency_key, body_hash, receipt_code, disease, area_id, area_no, station_id, verified,
    phone_hash, contact, submitted_at)
  SELECT id, idempotency_key, body_hash, receipt_code, disease, area_id, area_no, station_id, verified, phone_hash,
    contact, submitted_at FROM g ORDER BY idempotency_key
  ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
), t AS MATERIALIZED (
  SELECT * FROM g WHERE id IN (SELECT id FROM s)
), d AS MATERIALIZED (
  SELECT u.*, t.disease, t.area_id, t.area_no, t.station_id, t.verified, t.phone_hash, t.submitted_at, t.day,
    t.account_id, t.opened_to
  FROM t JOIN json_to_recordset($2) AS u (submission_id uuid, declaration_id uuid, position smallint, case_id uuid,
    person_id uuid, new_case bool, new_person bool, possible_duplicate bool, identity bytea, sex text, age_band text,
    severe bool, high_risk bool, danger text, rank smallint, report bytea, assessment_id uuid, reasons text,
    missing text, age_from_year bool, protocol text, state text, grant_id uuid) ON u.submission_id = t.id
), n AS (
  INSERT INTO area_count AS c (area_id, area_no, disease, day, declared, severe, high_risk, pending, alerts,
    open_alerts, version)
  SELECT t.area_id, t.area_no, t.disease, v.day, sum(t.declared), sum(t.severe), sum(t.high_risk), sum(t.pending),
    sum(t.alerts), sum(t.alerts), count(*)
  FROM t CROSS JOIN LATERAL (VALUES ($6::date), (t.day)) AS v (day)
  GROUP BY t.area_id, t.area_no, t.disease, v.day ORDER BY t.area_no, t.disease, v.day
  ON CONFLICT (area_no, disease, day) DO UPDATE SET declared = c.declared + excluded.declared,
    severe = c.severe + excluded.severe, high_risk = c.high_risk + excluded.high_risk,
    pending = c.pending + excluded.pending, alerts = c.alerts + excluded.alerts,
    open_alerts = c.open_alerts + excluded.open_alerts, version = c.version + excluded.version
), p AS (
  INSERT INTO person (id, created_at) SELECT person_id, submitted_at FROM d WHERE new_person
), k AS (
  INSERT INTO person_key (hash, person_id)
  SELECT u.hash, u.person_id FROM json_to_recordset($3) AS u (hash text, person_id uuid, submission_id uuid)
  WHERE u.submission_id IN (SELECT id FROM t) ORDER BY u.hash ON CONFLICT (hash) DO NOTHING
), c AS (
  INSERT INTO illness_case (id, person_id, disease, area_id, area_no, station_id, state, identity, phone_hash, verified,
    sex, age_band, severe, high_risk, danger, rank, opened_at)
  SELECT case_id, person_id, disease, area_id, area_no, station_id, 'SUSPECTED', identity, phone_hash, verified, sex,
    age_band, severe, high_risk, danger, rank, submitted_at FROM d WHERE new_case
), j AS (
  UPDATE illness_case o SET severe = o.severe OR d.severe, high_risk = o.high_risk OR d.high_risk,
    danger = CASE WHEN d.rank < o.rank AND d.danger IS NOT NULL THEN d.danger ELSE o.danger END,
    rank = least(o.rank, d.rank), verified = true, version = o.version + 1
  FROM d WHERE NOT d.new_case AND o.id = d.case_id
), r AS (
  INSERT INTO declaration (id, submission_id, position, case_id, disease, area_id, area_no, station_id, state,
    possible_duplicate, verified, severe, high_risk, danger, rank, report, submitted_at, day, handled_at, entered_by)
  SELECT declaration_id, submission_id, position, case_id, disease, area_id, area_no, station_id, state,
    possible_duplicate, verified, severe, high_risk, danger, rank, report, submitted_at, day,
    CASE WHEN state <> 'SUBMITTED' THEN submitted_at END, account_id FROM d
), a AS (
  INSERT INTO assessment (id, declaration_id, case_id, area_no, severe, high_risk, danger, reasons, missing,
    age_from_year, protocol, assessed_at)
  SELECT assessment_id, declaration_id, case_id, area_no, severe, high_risk, danger, reasons::jsonb, missing::jsonb,
    age_from_year, protocol, submitted_at FROM d
), l AS (
  INSERT INTO alert (id, case_id, declaration_id, kind, danger, rank, disease, area_id, area_no, station_id, verified,
    protocol, reasons, state, level, raised_at, due_at)
  SELECT u.id, d.case_id, u.declaration_id, u.kind, u.danger, u.rank, d.disease, d.area_id, d.area_no, d.station_id,
    d.verified, u.protocol, u.reasons::jsonb, 'RAISED', u.level, d.submitted_at, u.due_at
  FROM json_to_recordset($4) AS u (id uuid, declaration_id uuid, kind text, danger text, rank smallint, reasons text,
    protocol text, level text, due_at timestamptz)
  JOIN d ON d.declaration_id = u.declaration_id
), w AS (
  INSERT INTO audit (id, at, account_id, actor, action, area_no, objects, detail, session_id, origin, request_id)
  SELECT audit_id, submitted_at, account_id, actor, 'declare', area_no, jsonb_build_array(id), '{}'::jsonb, session_id,
    origin, request_id FROM t
), h AS (
  INSERT INTO case_grant (id, case_id, declaration_id, grantee, kind, granted_at)
  SELECT grant_id, case_id, declaration_id, opened_to, 'RESIDENT', submitted_at FROM d WHERE opened_to IS NOT NULL
), m AS (
  INSERT INTO outbox_message (id, kind, priority, sealed, useful_until, subject_id, created_at, state)
  SELECT u.id, u.kind, u.priority, u.sealed, u.useful_until, u.subject_id, t.submitted_at, 'QUEUED'
  FROM json_to_recordset($5) AS u (id uuid, kind text, priority smallint, sealed bytea, useful_until timestamptz,
    subject_id uuid) JOIN t ON t.id = u.subject_id
)
SELECT id FROM s
"""


async def write_declarations(connection: AsyncpgDBClient, written: Sequence[Written]) -> Collection[UUID]:
    """Writes everything of each, or nothing of one whose idempotency key is taken; the submissions that were written.

    No two of them may have the same key.
    """
    if not written:
        return ()
    parts = (
        [_submission(one) for one in written],
        [row for one in written for row in _people(one)],
        [
            {"hash": hash, "person_id": person, "submission_id": one.submission.id}
            for one in written
            for hash, person in one.keys
        ],
        [row._asdict() for one in written for row in one.alerts],
        [one.letter._asdict() for one in written if one.letter is not None],
    )
    _, rows = await connection.execute_query(_WRITE, [*map(_told, parts), ALL_DAYS])
    return {row["id"] for row in rows}


def _submission(one: Written) -> dict[str, Any]:
    actor, people = one.actor, one.people
    return one.submission._asdict() | {
        "account_id": actor.account_id,
        "actor": actor.kind,
        "session_id": actor.session_id,
        "origin": actor.origin,
        "request_id": actor.request_id,
        "audit_id": uuid7(),
        "opened_to": one.opened_to,
        "declared": len(people),
        "severe": sum(row.severe for row in people),
        "high_risk": sum(row.high_risk for row in people),
        "pending": sum(row.state == DeclarationState.SUBMITTED for row in people),
        "alerts": len(one.alerts),
    }


def _people(one: Written) -> list[dict[str, Any]]:
    rows = [row._asdict() for row in one.people]
    if one.opened_to is not None:
        for row in rows:
            row["grant_id"] = uuid7()
    return rows


def _told(rows: list[dict[str, Any]]) -> str:
    """The rows as the statement takes them: one text, for of arrays the driver looks at each value several times."""
    return orjson.dumps(rows, default=_as_text).decode()


def _as_text(value: object) -> str:
    # Bytes as PostgreSQL writes them; the driver's own kind of UUID.
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
