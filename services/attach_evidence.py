"""Adding photos to a declaration that was sent already, or to a case: nothing urgent has waited for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import grantee
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.case import Case
from models.case_grant import CaseGrant
from models.database import service_transaction
from models.declaration import Declaration
from models.evidence import Evidence
from models.state import CaseEventKind
from services.change_case import locked_case, note
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from services.take_evidence import MOST_A_REPORT, Taken, evidence_faults, take_evidence
from triage.fault import Fault


@dataclass(frozen=True, slots=True)
class Target:
    """What photos are added to: one of the two."""

    case_id: UUID | None = None
    declaration_id: UUID | None = None


async def attach_evidence(runtime: Runtime, actor: Actor, target: Target, ids: Sequence[UUID]) -> list[Evidence]:
    """Adds uploaded photos to a declaration of one's own phone, or as staff to a case or declaration of one's areas.

    All photos of that declaration or case, oldest first; adding one again that is there is the same answer. Raises
    InvalidInput (too many, unknown or another's photos), NotFound.
    """
    if not may(actor, Action.UPLOAD_EVIDENCE):
        raise NotFound
    if faults := [*_target_faults(target), *_missing(ids), *evidence_faults(("evidence",), ids)]:
        raise InvalidInput(tuple(faults))
    # The service's login: a photo that nobody has declared yet is in nobody's range. The case starts in `visible`, or
    # in the grant of the resident's own declaration.
    async with service_transaction() as connection:
        case = await _case(connection, actor, target)
        if case.anonymised_at is not None:
            raise NotFound
        there = Evidence.filter(case_id=case.id, declaration_id=target.declaration_id, removed_at__isnull=True)
        known = {row.id for row in await there.using_db(connection)}
        new = [(index, id) for index, id in enumerate(ids) if id not in known]
        if new and len(known) + len(new) > MOST_A_REPORT:
            raise InvalidInput((Fault(("evidence",), "OUT_OF_BOUNDS", {"minimum": 0, "maximum": MOST_A_REPORT}),))
        taken = [Taken(id, case.id, target.declaration_id, case.area_no, ("evidence", index)) for index, id in new]
        if faults := list(await take_evidence(connection, actor, taken)):
            raise InvalidInput(tuple(faults))
        if taken:
            now = runtime.clock.now()
            for one in taken:
                await note(
                    connection, runtime.sealer, actor, case, CaseEventKind.EVIDENCE_ADDED, now, subject=one.evidence_id
                )
            objects = [str(case.id), *(str(one.evidence_id) for one in taken)]
            await record(connection, actor, "attach_evidence", now, objects, area_no=case.area_no)
        return await there.using_db(connection).order_by("uploaded_at", "id")


async def _case(connection: AsyncpgDBClient, actor: Actor, target: Target) -> Case:
    """The case, locked, of what the photos are added to. Raises NotFound."""
    if actor.kind == "RESIDENT":
        return await _of_own_declaration(connection, actor, target.declaration_id)
    case_id = target.case_id
    if target.declaration_id is not None:
        declaration = await visible(actor, Declaration, connection).filter(id=target.declaration_id).first()
        case_id = declaration.case_id if declaration else None
    if case_id is None:
        raise NotFound
    return await locked_case(connection, actor, case_id)


async def _of_own_declaration(connection: AsyncpgDBClient, actor: Actor, declaration_id: UUID | None) -> Case:
    # Also where the case was opened from another phone: refused, the resident would learn that the person was known
    # here before. The photo is the declaration's, and shows nothing of the case.
    name = grantee(actor)
    if name is None or declaration_id is None:
        raise NotFound
    grants = CaseGrant.filter(grantee=name, declaration_id=declaration_id, ended_at__isnull=True)
    grant = await grants.using_db(connection).first()
    if grant is None:
        raise NotFound
    case = await Case.filter(id=grant.case_id).using_db(connection).select_for_update().first()
    if case is None:
        raise NotFound
    return case


def _target_faults(target: Target) -> list[Fault]:
    if (target.case_id is None) == (target.declaration_id is None):
        return [Fault(("declaration_id",), "ONE_OF", {"fields": ["case_id", "declaration_id"]})]
    return []


def _missing(ids: Sequence[UUID]) -> list[Fault]:
    return [] if ids else [Fault(("evidence",), "REQUIRED")]
