"""The one statement that writes a whole declaration, and the rows it is given.

Raw, and one statement, because this is the path of the worst day: written by the ORM the same rows took four times as
long, for each of them is a round trip that holds a connection.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
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
    account_id: UUID | None
    actor: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person: the declaration, the assessment, and a case that is new or joined."""

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


_WRITE = """
WITH s AS (
  INSERT INTO submission (id, idempotency_key, body_hash, receipt_code, disease, area_id, area_no, station_id, verified,
    phone_hash, contact, submitted_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
), d AS MATERIALIZED (
  SELECT u.* FROM s, unnest($16::uuid[], $17::smallint[], $18::uuid[], $19::uuid[], $20::bool[], $21::bool[],
    $22::bool[], $23::bytea[], $24::text[], $25::text[], $26::bool[], $27::bool[], $28::text[], $29::smallint[],
    $30::bytea[], $31::uuid[], $32::text[], $33::text[], $34::bool[], $35::text[], $36::text[])
    AS u (declaration_id, position, case_id, person_id, new_case, new_person, possible_duplicate, identity, sex,
      age_band, severe, high_risk, danger, rank, report, assessment_id, reasons, missing, age_from_year, protocol,
      state)
), p AS (
  INSERT INTO person (id, created_at) SELECT person_id, $12 FROM d WHERE new_person
), k AS (
  INSERT INTO person_key (hash, person_id)
  SELECT u.hash, u.person_id FROM s, unnest($37::text[], $38::uuid[]) AS u (hash, person_id)
  ORDER BY u.hash ON CONFLICT (hash) DO NOTHING
), c AS (
  INSERT INTO illness_case (id, person_id, disease, area_id, area_no, station_id, state, identity, phone_hash, verified,
    sex, age_band, severe, high_risk, danger, rank, opened_at)
  SELECT case_id, person_id, $5, $6, $7, $8, 'SUSPECTED', identity, $10, $9, sex, age_band, severe, high_risk, danger,
    rank, $12 FROM d WHERE new_case
), j AS (
  UPDATE illness_case o SET severe = o.severe OR d.severe, high_risk = o.high_risk OR d.high_risk,
    danger = CASE WHEN d.rank < o.rank AND d.danger IS NOT NULL THEN d.danger ELSE o.danger END,
    rank = least(o.rank, d.rank), verified = true, version = o.version + 1
  FROM d WHERE NOT d.new_case AND o.id = d.case_id
), r AS (
  INSERT INTO declaration (id, submission_id, position, case_id, disease, area_id, area_no, station_id, state,
    possible_duplicate, verified, severe, high_risk, danger, rank, report, submitted_at, day, handled_at, entered_by)
  SELECT declaration_id, $1, position, case_id, $5, $6, $7, $8, state, possible_duplicate, $9, severe, high_risk,
    danger, rank, report, $12, $13, CASE WHEN state <> 'SUBMITTED' THEN $12 END, $14 FROM d
), a AS (
  INSERT INTO assessment (id, declaration_id, case_id, area_no, severe, high_risk, danger, reasons, missing,
    age_from_year, protocol, assessed_at)
  SELECT assessment_id, declaration_id, case_id, $7, severe, high_risk, danger, reasons::jsonb, missing::jsonb,
    age_from_year, protocol, $12 FROM d
), l AS (
  INSERT INTO alert (id, case_id, declaration_id, kind, danger, rank, disease, area_id, area_no, station_id, verified,
    protocol, reasons, state, level, raised_at, due_at)
  SELECT u.id, u.case_id, u.declaration_id, u.kind, u.danger, u.rank, $5, $6, $7, $8, $9, u.protocol, u.reasons::jsonb,
    'RAISED', u.level, $12, u.due_at
  FROM s, unnest($39::uuid[], $40::uuid[], $41::uuid[], $42::text[], $43::text[], $44::smallint[], $45::text[],
    $46::text[], $47::text[], $48::timestamptz[])
    AS u (id, case_id, declaration_id, kind, danger, rank, reasons, protocol, level, due_at)
), n AS (
  INSERT INTO area_count AS t (area_id, area_no, disease, day, declared, severe, high_risk, pending, alerts,
    open_alerts, version)
  SELECT $6, $7, $5, v.day, $49, $50, $51, $56, $52, $52, 1 FROM s, (VALUES ($53::date), ($13)) AS v (day)
  ON CONFLICT (area_no, disease, day) DO UPDATE SET declared = t.declared + excluded.declared,
    severe = t.severe + excluded.severe, high_risk = t.high_risk + excluded.high_risk,
    pending = t.pending + excluded.pending, alerts = t.alerts + excluded.alerts,
    open_alerts = t.open_alerts + excluded.open_alerts, version = t.version + 1
), w AS (
  INSERT INTO audit (id, at, account_id, actor, action, area_no, objects, detail, session_id, origin, request_id)
  SELECT $54, $12, $14, $15, 'declare', $7, $55::jsonb, '{}'::jsonb, $61, $62, $63 FROM s
), g AS (
  INSERT INTO case_grant (id, case_id, declaration_id, grantee, kind, granted_at)
  SELECT u.id, u.case_id, u.declaration_id, $60, 'RESIDENT', $12
  FROM s, unnest($57::uuid[], $58::uuid[], $59::uuid[]) AS u (id, case_id, declaration_id)
), m AS (
  INSERT INTO outbox_message (id, kind, priority, sealed, useful_until, subject_id, created_at, state)
  SELECT $64::uuid, $65::text, $66::smallint, $67::bytea, $68::timestamptz, $69::uuid, $12, 'QUEUED'
  FROM s WHERE $64 IS NOT NULL
)
SELECT id FROM s
"""


async def write_declaration(
    connection: AsyncpgDBClient,
    submission: SubmissionRow,
    people: list[PersonRow],
    keys: list[tuple[str, UUID]],
    alerts: list[AlertRow],
    grantee: str | None,
    actor: Actor,
    letter: SealedLetter | None,
) -> bool:
    """Writes everything, or nothing where the idempotency key is taken: then the answer is False.

    `grantee` is whom each declaration is opened to, None where to nobody; `letter` is what tells the household.
    """
    arguments: list[Any] = [getattr(submission, field.name) for field in fields(SubmissionRow)]
    arguments += [[getattr(row, field.name) for row in people] for field in fields(PersonRow)]
    arguments += [[key for key, _ in keys], [person for _, person in keys]]
    arguments += [[getattr(row, field.name) for row in alerts] for field in fields(AlertRow)]
    arguments += [
        len(people),
        sum(row.severe for row in people),
        sum(row.high_risk for row in people),
        len(alerts),
        ALL_DAYS,
        uuid7(),
        orjson.dumps([submission.id]).decode(),
        sum(row.state == DeclarationState.SUBMITTED for row in people),
    ]
    opened = people if grantee is not None else []
    arguments += [[uuid7() for _ in opened], [row.case_id for row in opened], [row.declaration_id for row in opened]]
    arguments.append(grantee)
    arguments += [actor.session_id, actor.origin, actor.request_id]
    arguments += [getattr(letter, field.name, None) for field in fields(SealedLetter)]
    _, written = await connection.execute_query(_WRITE, arguments)
    return len(written) == 1
