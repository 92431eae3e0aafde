"""The one statement that writes whole declarations, one or as many as share a transaction, and the rows it is given.

Raw, and one statement, because this is the path of the worst day: written by the ORM the same rows took four times as
long, for each of them is a round trip that holds a connection.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from alerts.outbox import SealedLetter
from models.area_count import ALL_DAYS
from models.identifier import uuid7
from models.state import DeclarationState


@dataclass(frozen=True, slots=True)
class SubmissionRow:
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


@dataclass(frozen=True, slots=True)
class PersonRow:
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


@dataclass(frozen=True, slots=True)
class AlertRow:
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
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[],
    $9::bool[], $10::text[], $11::bytea[], $12::timestamptz[], $13::date[], $14::uuid[], $15::text[], $16::uuid[],
    $17::text[], $18::text[], $19::uuid[], $20::text[], $21::int[], $22::int[], $23::int[], $24::int[], $25::int[])
    AS g (id, idempotency_key, body_hash, receipt_code, disease, area_id, area_no, station_id, verified, phone_hash,
      contact, submitted_at, day, account_id, actor, session_id, origin, request_id, audit_id, opened_to, declared,
      severe, high_risk, pending, alerts)
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
  FROM t JOIN unnest($26::uuid[], $27::uuid[], $28::smallint[], $29::uuid[], $30::uuid[], $31::bool[], $32::bool[],
    $33::bool[], $34::bytea[], $35::text[], $36::text[], $37::bool[], $38::bool[], $39::text[], $40::smallint[],
    $41::bytea[], $42::uuid[], $43::text[], $44::text[], $45::bool[], $46::text[], $47::text[], $48::uuid[])
    AS u (submission_id, declaration_id, position, case_id, person_id, new_case, new_person, possible_duplicate,
      identity, sex, age_band, severe, high_risk, danger, rank, report, assessment_id, reasons, missing, age_from_year,
      protocol, state, grant_id) ON u.submission_id = t.id
), n AS (
  INSERT INTO area_count AS c (area_id, area_no, disease, day, declared, severe, high_risk, pending, alerts,
    open_alerts, version)
  SELECT t.area_id, t.area_no, t.disease, v.day, sum(t.declared), sum(t.severe), sum(t.high_risk), sum(t.pending),
    sum(t.alerts), sum(t.alerts), count(*)
  FROM t CROSS JOIN LATERAL (VALUES ($61::date), (t.day)) AS v (day)
  GROUP BY t.area_id, t.area_no, t.disease, v.day ORDER BY t.area_no, t.disease, v.day
  ON CONFLICT (area_no, disease, day) DO UPDATE SET declared = c.declared + excluded.declared,
    severe = c.severe + excluded.severe, high_risk = c.high_risk + excluded.high_risk,
    pending = c.pending + excluded.pending, alerts = c.alerts + excluded.alerts,
    open_alerts = c.open_alerts + excluded.open_alerts, version = c.version + excluded.version
), p AS (
  INSERT INTO person (id, created_at) SELECT person_id, submitted_at FROM d WHERE new_person
), k AS (
  INSERT INTO person_key (hash, person_id)
  SELECT u.hash, u.person_id FROM unnest($49::text[], $50::uuid[], $51::uuid[]) AS u (hash, person_id, submission_id)
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
  FROM unnest($52::uuid[], $53::uuid[], $54::text[], $55::text[], $56::smallint[], $57::text[], $58::text[],
    $59::text[], $60::timestamptz[]) AS u (id, declaration_id, kind, danger, rank, reasons, protocol, level, due_at)
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
  FROM unnest($62::uuid[], $63::text[], $64::smallint[], $65::bytea[], $66::timestamptz[], $67::uuid[])
    AS u (id, kind, priority, sealed, useful_until, subject_id) JOIN t ON t.id = u.subject_id
)
SELECT id FROM s
"""


def _names(row: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row))


_SUBMISSION, _PERSON, _LETTER = _names(SubmissionRow), _names(PersonRow), _names(SealedLetter)
# Its case is its declaration's.
_ALERT = tuple(name for name in _names(AlertRow) if name != "case_id")


async def write_declarations(connection: AsyncpgDBClient, written: Sequence[Written]) -> Collection[UUID]:
    """Writes everything of each, or nothing of one whose idempotency key is taken; the submissions that were written.

    No two of them may have the same key.
    """
    if not written:
        return ()
    submissions = [one.submission for one in written]
    actors = [one.actor for one in written]
    people = [row for one in written for row in one.people]
    arguments: list[Any] = _columns(_SUBMISSION, submissions)
    arguments += _columns(("account_id", "kind", "session_id", "origin", "request_id"), actors)
    arguments += [
        [uuid7() for _ in written],
        [one.opened_to for one in written],
        [len(one.people) for one in written],
        [sum(row.severe for row in one.people) for one in written],
        [sum(row.high_risk for row in one.people) for one in written],
        [sum(row.state == DeclarationState.SUBMITTED for row in one.people) for one in written],
        [len(one.alerts) for one in written],
    ]
    arguments += _columns(_PERSON, people)
    arguments.append([uuid7() for _ in people])
    keys = [(hash, person, one.submission.id) for one in written for hash, person in one.keys]
    arguments += [[key[place] for key in keys] for place in range(3)]
    arguments += _columns(_ALERT, [row for one in written for row in one.alerts])
    arguments.append(ALL_DAYS)
    arguments += _columns(_LETTER, [one.letter for one in written if one.letter is not None])
    _, rows = await connection.execute_query(_WRITE, arguments)
    return {row["id"] for row in rows}


def _columns(names: Sequence[str], rows: Iterable[object]) -> list[Sequence[Any]]:
    """The rows' values by column, as `unnest` takes them."""
    return list(zip(*map(attrgetter(*names), rows), strict=True)) or [()] * len(names)
