"""Removing one photo: another person's, one that shows too much, one that was sent by mistake."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import taken_as_it_came, visible
from models.case import Case
from models.database import service_transaction
from models.evidence import Evidence
from models.state import WAITING_DECLARATION_STATES, CaseEventKind
from services.change_case import locked_case, note
from services.own_declaration import locked_own_declaration
from services.own_words import needed_words, own_words
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime


async def remove_evidence(runtime: Runtime, actor: Actor, evidence_id: UUID, reason: str | None = None) -> Evidence:
    """Takes a photo away: from this commit on nobody can read it, and its bytes go with the next sweep.

    A resident removes what their own phone has sent while the station has not decided on the declaration, staff what
    belongs to the cases of their areas, for a reason that stays in the timeline. Removing again changes nothing. Raises
    InvalidInput (a reason), Conflict (WRONG_STATE: the declaration waits no more) and NotFound.
    """
    if not may(actor, Action.REMOVE_EVIDENCE):
        raise NotFound
    words = own_words("reason", reason) if actor.kind == "RESIDENT" else needed_words("reason", reason or "")
    # The service's login: a resident has no rows to write. Narrowed by `visible`, to what the phone has declared or to
    # the account's areas.
    async with service_transaction() as connection:
        found = await visible(actor, Evidence, connection).filter(id=evidence_id).first()
        if found is None or found.case_id is None:
            raise NotFound
        case = await _locked(connection, actor, found)
        # Read again under the case's lock: of two who remove it at once the second finds it gone.
        photo = await Evidence.filter(id=evidence_id).using_db(connection).select_for_update().get()
        if photo.removed_at is not None:
            return photo
        now = runtime.clock.now()
        # Without its key it is what the sweep looks for (`services.remove_objects`).
        photo.removed_at, photo.data_key, photo.digest = now, None, None
        await photo.save(using_db=connection, update_fields=["removed_at", "data_key", "digest"])
        detail = {"reason": words} if words else None
        kind = CaseEventKind.EVIDENCE_REMOVED
        await note(connection, runtime.sealer, actor, case, kind, now, subject=photo.id, detail=detail)
        objects = [str(case.id), str(photo.id)]
        await record(connection, actor, "remove_evidence", now, objects, area_no=case.area_no)
    return photo


async def _locked(connection: AsyncpgDBClient, actor: Actor, photo: Evidence) -> Case:
    """The photo's case, locked, where the actor may take something from it now."""
    if actor.kind != "RESIDENT":
        return await locked_case(connection, actor, photo.case_id or photo.id)
    if photo.declaration_id is None:
        raise NotFound
    declaration, case = await locked_own_declaration(connection, actor, photo.declaration_id)
    # One that was taken as it came looks as if it waited, here as everywhere: the case may be somebody else's.
    waits = declaration.state in WAITING_DECLARATION_STATES or taken_as_it_came(declaration)
    if not waits and photo.removed_at is None:
        values: dict[str, object] = {"state": declaration.state.value, "act": "REMOVE_EVIDENCE", "allowed": ()}
        raise Conflict("WRONG_STATE", Current("DECLARATION", declaration.id), values)
    return case
