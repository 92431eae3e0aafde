"""Giving a case out of hand again, before the claim is over by itself."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import staff_transaction
from models.state import CaseEventKind
from services.change_case import advance, locked_case, note, save_case, unchanged
from services.claim import claimant
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime


async def release_claim(runtime: Runtime, actor: Actor, case_id: UUID, version: int | None = None) -> Case:
    """Ends the actor's own claim. Where nobody has the case in hand there is nothing to end, and that is no fault.

    Raises Conflict (ALREADY_CLAIMED, where somebody else has it; STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.CLAIM_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id)
        holder = claimant(case, runtime)
        if holder is None:
            return case
        if holder != actor.account_id:
            values: dict[str, object] = {"account_id": holder, "until": case.claimed_until}
            raise Conflict("ALREADY_CLAIMED", Current("CASE", case.id), values)
        unchanged(case, version)
        now = runtime.clock.now()
        advance(case, "RELEASE_CLAIM", now)
        case.claimed_by = case.claimed_until = None
        await save_case(connection, case)
        await note(connection, runtime.sealer, actor, case, CaseEventKind.CLAIM_ENDED, now)
        await record(connection, actor, "release_claim", now, [str(case.id)], area_no=case.area_no)
    return case
