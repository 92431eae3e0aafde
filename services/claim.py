"""Claiming a case: somebody has it in hand for a while, so that two do not call the same person."""

from datetime import timedelta
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import staff_transaction
from models.state import CaseEventKind
from services.change_case import advance, locked_case, note, save_case, unchanged
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime

CLAIM = timedelta(minutes=20)
"""How long a claim holds. A call with advice and its record takes about ten minutes; whoever was called away, or whose
machine has gone off, must not keep a patient from everybody else for longer than one call more."""


def claimant(case: Case, runtime: Runtime) -> UUID | None:
    """The account that has the case in hand now; None where nobody has, also where a claim is over by the clock."""
    over = case.claimed_until is None or case.claimed_until <= runtime.clock.now()
    return None if over else case.claimed_by


async def claim(runtime: Runtime, actor: Actor, case_id: UUID, version: int | None = None) -> Case:
    """Takes a case in hand for CLAIM. Whoever has it already has it for that long again, as often as they ask.

    A claim keeps others from claiming and from nothing else: whoever is there must be able to help.

    Raises Conflict (ALREADY_CLAIMED, with who has it; WRONG_STATE; STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.CLAIM_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id)
        now = runtime.clock.now()
        holder = claimant(case, runtime)
        if holder is not None and holder == actor.account_id:
            # No change that anybody has to know of: a screen that is open asks again every few minutes.
            case.claimed_until = now + CLAIM
            await case.save(using_db=connection, update_fields=["claimed_until"])
            return case
        if holder is not None:
            values: dict[str, object] = {"account_id": holder, "until": case.claimed_until}
            raise Conflict("ALREADY_CLAIMED", Current("CASE", case.id), values)
        unchanged(case, version)
        advance(case, "CLAIM", now)
        case.claimed_by, case.claimed_until = actor.account_id, now + CLAIM
        await save_case(connection, case)
        until = {"until": case.claimed_until.isoformat()}
        await note(connection, runtime.sealer, actor, case, CaseEventKind.CLAIMED, now, detail=until)
        await record(connection, actor, "claim_case", now, [str(case.id)], area_no=case.area_no)
    return case
