"""Everything that is held of what a resident's phone has declared, and who has looked at it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import by_grant, own_check_ins, visible
from models.alert import Alert
from models.case import Assessment as StoredAssessment
from models.check_in import CheckIn
from models.database import service_transaction
from models.declaration import Declaration, Submission
from models.identifier import first_of, moment_of
from models.state import Role
from services.check_in_said import said
from services.export_care import CareOfCase, care_of
from services.limit_rules import Rule
from services.load_cases import cases_by_id
from services.load_evidence import evidence_of_declarations
from services.operation import Operation
from services.own_case import own_cases
from services.problem import NotFound
from services.read_receipt import assessment_of
from services.reported import Reported, reported
from services.rows import Case, Evidence
from services.runtime import Runtime
from services.seal_trail import LOOK_BACK
from services.seen import Seen
from triage.assessment import Assessment
from triage.report import Report

# Sealed lines are found by what they name; those of the last minutes are not entered yet, and are looked through.
_LOOKS = """
SELECT a.at, a.action, c.role FROM audit a JOIN account c ON c.id = a.account_id
WHERE a.id IN (
    SELECT s.audit_id FROM audit_subject s WHERE s.subject = ANY($1::uuid[])
    UNION SELECT r.id FROM audit r WHERE r.id > $4 AND r.objects ?| $2::text[])
  AND a.at >= $3
ORDER BY a.at, a.id
"""
_NEWEST_SEALED = "SELECT audit_id FROM audit_link ORDER BY seq DESC LIMIT 1"
_SESSIONS = """
SELECT created_at, expires_at, ended_at FROM session WHERE phone_hash = ANY($1::text[]) ORDER BY created_at, id
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """How the household can be reached, as it was sent."""

    phone: str
    email: str | None
    declared_by: str | None
    street: str | None


@dataclass(frozen=True, slots=True)
class OwnCheckIn:
    """One check-in that the phone has sent; `signs` is None where it was made anonymous."""

    row: CheckIn
    signs: Report | None


@dataclass(frozen=True, slots=True)
class OwnDeclaration:
    """One declaration with all that is held of it; what is unsealed is None where it was made anonymous."""

    row: Declaration
    receipt_code: str
    contact: Contact | None
    reported: Reported | None
    assessments: Sequence[tuple[datetime, Assessment]]
    case: Case | None
    check_ins: Sequence[OwnCheckIn]
    photos: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One session of the phone. Times are the database's own."""

    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """What a member of staff did or saw of it: when, what, and in which role; never who."""

    at: datetime
    action: str
    role: Role


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything, newest declaration first."""

    exported_at: datetime
    declarations: Sequence[OwnDeclaration]
    care: Sequence[CareOfCase]
    sessions: Sequence[OwnSession]
    looks: Sequence[Look]


async def export_own(runtime: Runtime, actor: Actor, operation: Operation) -> OwnData:
    """What the actor's phone has declared, read over the actor's own snapshot, and its trace in the audit.

    Raises NotFound for whoever is no resident, TooManyRequests.
    """
    if not may(actor, Action.EXPORT_OWN) or actor.phone_hash is None:
        raise NotFound
    await runtime.limits.hit(Rule.EXPORT_BY_PHONE, actor.phone_hash)
    async with operation.reading() as connection:
        declarations = await _declarations(runtime, actor, connection)
    hashes = {actor.phone_hash}
    for one in declarations:
        # Sessions of before a change of keys carry another hash of the same number.
        hashes.update(runtime.pseudonymiser.phones(one.contact.phone) if one.contact else ())
    now = runtime.clock.now()
    # The service's login: neither sessions nor the audit are within a resident's bounds. Narrowed to this phone and to
    # what it has declared, and of cases to those that were opened from it; of the audit only what the accounts did,
    # for another resident's act would name a report.
    async with service_transaction() as service:
        own = await own_cases(service, actor, {one.row.case_id for one in declarations})
        care = await care_of(runtime, service, own, {one.row.id for one in declarations})
        sessions = await _sessions(service, hashes)
        looks = await _looks(service, [one.row for one in declarations])
        await record(service, actor, "export_own", now, [str(one.row.id) for one in declarations])
    return OwnData(now, declarations, care, sessions, looks)


async def _declarations(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient) -> list[OwnDeclaration]:
    rows = by_grant(actor, await visible(actor, Declaration, connection).order_by("-submitted_at", "-id"))
    households = await Submission.filter(id__in={row.submission_id for row in rows}).using_db(connection)
    submissions = {one.id: one for one in households}
    assessments: dict[UUID, list[tuple[datetime, Assessment]]] = {row.id: [] for row in rows}
    judged = visible(actor, StoredAssessment, connection).order_by("assessed_at", "id")
    for found in await judged.filter(declaration_id__in=list(assessments)):
        assessments[found.declaration_id].append((found.assessed_at, assessment_of(runtime, found)))
    cases = await cases_by_id(actor, connection, {row.case_id for row in rows})
    photos = await evidence_of_declarations(actor, connection, [row.id for row in rows])
    seen = Seen()
    check_ins: dict[UUID, list[OwnCheckIn]] = {}
    for sent in await (await own_check_ins(actor, connection, cases)).order_by("at", "id"):
        signs = said(runtime, actor, cases[sent.case_id], sent, seen)
        check_ins.setdefault(sent.case_id, []).append(OwnCheckIn(sent, signs))
    return [
        OwnDeclaration(
            row=row,
            receipt_code=submissions[row.submission_id].receipt_code,
            contact=_contact(runtime, submissions[row.submission_id]),
            reported=reported(runtime, actor, row, seen),
            assessments=assessments[row.id],
            case=cases.get(row.case_id),
            check_ins=check_ins.get(row.case_id, ()),
            photos=photos[row.id],
        )
        for row in rows
    ]


def _contact(runtime: Runtime, submission: Submission) -> Contact | None:
    if not submission.contact:
        return None
    sealed = runtime.sealer.open(f"submission:{submission.id}", submission.contact)
    email, declared_by, street = (
        value if isinstance(value, str) else None
        for value in (sealed.get(key) for key in ("email", "declared_by", "street"))
    )
    return Contact(str(sealed["phone"]), email, declared_by, street)


async def _sessions(connection: AsyncpgDBClient, hashes: Collection[str]) -> list[OwnSession]:
    _, rows = await connection.execute_query(_SESSIONS, [sorted(hashes)])
    return [OwnSession(row["created_at"], row["expires_at"], row["ended_at"]) for row in rows]


async def _looks(connection: AsyncpgDBClient, rows: Sequence[Declaration]) -> list[Look]:
    if not rows:
        return []
    alerts = await Alert.filter(declaration_id__in=[row.id for row in rows]).using_db(connection).values_list("id")
    subjects = {row.id for row in rows} | {row.case_id for row in rows} | {id for (id,) in alerts}
    names = [str(id) for id in subjects]
    _, sealed = await connection.execute_query(_NEWEST_SEALED)
    since = first_of(moment_of(sealed[0]["audit_id"]) - LOOK_BACK) if sealed else UUID(int=0)
    # A case may be older than this phone's first report of it: what was seen before is not this resident's to know.
    first = min(row.submitted_at for row in rows)
    _, found = await connection.execute_query(_LOOKS, [list(subjects), names, first, since])
    return [Look(row["at"], row["action"], Role(row["role"])) for row in found]
