"""Taking a referral back: nobody is asked any more, and the person stays at home."""

from uuid import UUID

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import service_transaction
from models.state import CaseEventKind
from services.change_case import advance, counted, locked_case, note, save_case
from services.change_referral import advance_referral, save_referral
from services.check_in_due import expect_check_in
from services.count_change import add_counts
from services.end_sessions import bump_access
from services.problem import NotFound
from services.refer_case import open_referral
from services.referral_words import answer_place, check_words
from services.runtime import Runtime


async def return_case(runtime: Runtime, actor: Actor, case_id: UUID, reason: str, version: int | None = None) -> Case:
    """Cancels the case's referral where one is open, and brings the case home, also where every hospital has refused.

    Raises InvalidInput, NotFound, Conflict (WRONG_STATE, also once the person is admitted; STALE_VERSION).
    """
    if not may(actor, Action.REFER_CASE):
        raise NotFound
    check_words("reason", reason)
    # As the service, for the hospital's grant; the case is the actor's by scope.
    async with service_transaction() as connection:
        case = await locked_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        before = advance(case, "RETURN", now)
        expect_check_in(runtime, case, now)
        await save_case(connection, case)
        referral = await open_referral(connection, case)
        if referral is not None:
            advance_referral(actor, case, referral, "CANCEL", now)
            referral.answer = runtime.sealer.seal(answer_place(referral.id), {"answer": reason})
            await save_referral(connection, case, referral, now)
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        detail: dict[str, object] = {"reason": reason}
        subject = referral.id if referral else None
        kind = CaseEventKind.REFERRAL_CANCELLED
        await note(connection, runtime.sealer, actor, case, kind, now, subject=subject, detail=detail)
        await record(connection, actor, "cancel_referral", now, [str(case.id)], area_no=case.area_no)
        if referral is not None:
            await bump_access(connection)
    if referral is not None:
        runtime.hub.wake()
    return case
