"""Dismissing: the station says that this is no case."""

from enum import StrEnum
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from alerts import log
from models.case import Case
from models.database import staff_transaction
from models.state import AlertChange, CaseEventKind, DeclarationState, MessageKind
from services.cancel_alerts import cancel_alerts
from services.change_case import advance, locked_case, note, save_case
from services.count_change import add_counts
from services.problem import NotFound
from services.runtime import Runtime
from services.settle_case import settle_declarations
from services.tell_resident import tell_outcome


class DismissReason(StrEnum):
    """Why a report is no case."""

    NEGATIVE_TEST = "NEGATIVE_TEST"
    DUPLICATE = "DUPLICATE"
    NOT_A_RESIDENT = "NOT_A_RESIDENT"
    PRANK = "PRANK"
    OTHER = "OTHER"


async def dismiss(
    runtime: Runtime, actor: Actor, case_id: UUID, reason: DismissReason, version: int | None = None
) -> Case:
    """Closes a suspected case as none, and resolves its open alerts as false alarms so that nobody is called for it.

    Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.DISMISS_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        advance(case, "DISMISS", now)
        await save_case(connection, case)
        await note(
            connection, runtime.sealer, actor, case, CaseEventKind.DISMISSED, now, detail={"reason": reason.value}
        )
        duplicate = reason is DismissReason.DUPLICATE
        settled = DeclarationState.DUPLICATE if duplicate else DeclarationState.REJECTED
        changes = await settle_declarations(runtime, connection, case, settled, now, actor.account_id)
        alerts, lost = await cancel_alerts(runtime, connection, case, actor.account_id, now)
        changes += lost
        await add_counts(connection, changes)
        await record(
            connection,
            actor,
            "dismiss_case",
            now,
            [str(case.id)],
            area_no=case.area_no,
            detail={"reason": reason.value},
        )
        told = await tell_outcome(runtime, connection, case, MessageKind.REFUSED, now)
        if alerts:
            await log.append(connection, [one.id for one in alerts], AlertChange.RESOLVED, now, actor.account_id)
    if alerts:
        runtime.hub.wake()
    if told:
        runtime.wake_relay()
    return case
