"""Recording a death: by the station, or by the hospital that was asked to take the person."""

from datetime import date
from uuid import UUID

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import by_grant
from alerts import log
from models.case import Case
from models.database import service_transaction
from models.state import AlertChange, CaseEventKind, Role
from services.change_case import advance, counted, locked_case, note, save_case
from services.change_referral import advance_referral, save_referral
from services.count_change import add_counts
from services.end_alerts import end_alerts
from services.end_sessions import bump_access
from services.problem import InvalidInput, NotFound
from services.refer_case import open_referral
from services.referral_words import answer_place, check_words
from services.runtime import Runtime
from triage.fault import Fault


async def record_death(
    runtime: Runtime, actor: Actor, case_id: UUID, on: date, words: str | None = None, version: int | None = None
) -> Case:
    """Closes the case; its alerts and its referral are over with it, and the hospital's view of it ends.

    Nobody is told by text. Raises InvalidInput (a day to come), NotFound, Conflict (WRONG_STATE, STALE_VERSION).
    """
    if not may(actor, Action.RECORD_DEATH):
        raise NotFound
    now = runtime.clock.now()
    if on > runtime.clock.day(now):
        raise InvalidInput((Fault(("on",), "IN_FUTURE", {"latest": runtime.clock.day(now)}),))
    check_words("note", words)
    hospital = actor.role is Role.HOSPITAL
    # As the service: alerts, counters and grants change together, of which a hospital holds none. The case is the
    # station's by its area, or the hospital's by its grant.
    async with service_transaction() as connection:
        case = await locked_case(connection, actor, case_id, version, granted=hospital)
        before = advance(case, "DECLARE_DEAD", now)
        await save_case(connection, case)
        referral = await open_referral(connection, case)
        if referral is not None:
            advance_referral(actor, case, referral, "RECORD_DEATH", now)
            if words is not None and hospital:
                referral.answer = runtime.sealer.seal(answer_place(referral.id), {"answer": words})
            await save_referral(connection, case, referral, now)
        alerts, changes = await end_alerts(runtime, connection, case, actor.account_id, now)
        await add_counts(connection, [*changes, counted(runtime.clock, case, before, now)])
        detail: dict[str, object] = {"on": on, **({"note": words} if words is not None else {})}
        subject = referral.id if referral else None
        await note(connection, runtime.sealer, actor, case, CaseEventKind.DECEASED, now, subject=subject, detail=detail)
        await record(connection, actor, "record_death", now, [str(case.id)], area_no=case.area_no)
        if alerts:
            await log.append(connection, alerts, AlertChange.RESOLVED, now, actor.account_id)
        if referral is not None:
            await bump_access(connection)
    if alerts or referral is not None:
        runtime.hub.wake()
    by_grant(actor, [case])
    return case
