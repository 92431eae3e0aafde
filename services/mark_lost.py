"""Saying that nobody can reach somebody, and that they were found again."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import staff_transaction
from models.state import CaseEventKind, CaseState
from services.change_case import advance, counted, locked_case, note, save_case
from services.check_in_due import expect_check_in
from services.count_change import add_counts
from services.problem import Conflict, Current, NotFound
from services.referral_words import check_words
from services.runtime import Runtime

LEAST_ATTEMPTS = 3
"""So often in a row nobody must have been reached before somebody is given up: one unanswered call is an ordinary
thing, and whoever is lost drops out of everybody's daily work."""


async def mark_lost(
    runtime: Runtime, actor: Actor, case_id: UUID, words: str | None = None, version: int | None = None
) -> Case:
    """Gives the search up for now. Whoever is lost already stays so.

    Raises InvalidInput, NotFound, Conflict (WRONG_STATE, STALE_VERSION, TOO_FEW_ATTEMPTS).
    """
    return await _marked(runtime, actor, case_id, "LOSE", words, version)


async def mark_found(
    runtime: Runtime, actor: Actor, case_id: UUID, words: str | None = None, version: int | None = None
) -> Case:
    """Takes the case up again where it was left. Raises InvalidInput, NotFound, Conflict."""
    return await _marked(runtime, actor, case_id, "FIND", words, version)


async def _marked(
    runtime: Runtime, actor: Actor, case_id: UUID, act: str, words: str | None, version: int | None
) -> Case:
    if not may(actor, Action.CLOSE_CASE):
        raise NotFound
    check_words("note", words)
    losing = act == "LOSE"
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id, None if losing else version)
        if losing and case.state == CaseState.LOST_TO_FOLLOW_UP:
            return case
        case = await locked_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        before = advance(case, act, now)
        if losing and case.unreached < LEAST_ATTEMPTS:
            values: dict[str, object] = {"attempts": case.unreached, "least": LEAST_ATTEMPTS}
            raise Conflict("TOO_FEW_ATTEMPTS", Current("CASE", case.id), values)
        case.state_before = before if losing else None
        expect_check_in(runtime, case, now)
        await save_case(connection, case, "state_before")
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        kind = CaseEventKind.LOST if losing else CaseEventKind.FOUND
        detail = {"note": words} if words is not None else None
        await note(connection, runtime.sealer, actor, case, kind, now, detail=detail)
        action = "mark_lost" if losing else "mark_found"
        await record(connection, actor, action, now, [str(case.id)], area_no=case.area_no)
    return case
