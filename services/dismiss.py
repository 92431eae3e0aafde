"""Dismissing: the station says that this is no case."""

from enum import StrEnum
from uuid import UUID

from tortoise.expressions import F

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from alerts import log
from models.alert import Alert
from models.case import Case
from models.database import staff_transaction
from models.state import (
    OPEN_ALERT_STATES,
    AlertChange,
    AlertState,
    CaseEventKind,
    DeclarationState,
    MessageKind,
    Outcome,
)
from services.change_case import advance, locked_case, note, save_case
from services.count_change import CountChange, add_counts
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
        changes = await settle_declarations(runtime, connection, case, settled, now)
        alerts = (
            await Alert.filter(case_id=case.id, state__in=OPEN_ALERT_STATES)
            .order_by("id")
            .select_for_update()
            .using_db(connection)
        )
        await (
            Alert.filter(id__in=[alert.id for alert in alerts])
            .using_db(connection)
            .update(
                state=AlertState.RESOLVED,
                outcome=Outcome.FALSE_ALARM,
                resolved_by=actor.account_id,
                resolved_at=now,
                version=F("version") + 1,
            )
        )
        day = runtime.clock.day(now)
        changes += [
            CountChange(one.area_id, one.area_no, one.disease, day, open_alerts=-1, acted_at=now) for one in alerts
        ]
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
