"""Rejecting: the station does not take a report, and says why."""

from enum import StrEnum
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from alerts import log
from models.database import staff_transaction
from models.declaration import Declaration
from models.state import AlertChange, CaseEventKind, DeclarationState, MessageKind, TransferState
from services.answer_reroute import answer_reroute
from services.change_case import note
from services.change_declaration import (
    done_already,
    hold_version,
    locked_declaration,
    pending_change,
    save_declaration,
    step,
)
from services.close_without_report import close_without_report
from services.count_change import add_counts
from services.own_words import own_words
from services.problem import NotFound
from services.runtime import Runtime
from services.tell_resident import tell_outcome


class RejectReason(StrEnum):
    """Why a station does not take a report."""

    NEGATIVE_TEST = "NEGATIVE_TEST"
    NOT_A_RESIDENT = "NOT_A_RESIDENT"
    INCOMPLETE = "INCOMPLETE"
    PRANK = "PRANK"
    OTHER = "OTHER"


async def reject_declaration(
    runtime: Runtime,
    actor: Actor,
    declaration_id: UUID,
    reason: RejectReason,
    said: str | None = None,
    version: int | None = None,
) -> Declaration:
    """Refuses a waiting declaration; `said` is why, in the station's own words.

    Where its case has no other report left, that is none, and its open alerts end.

    Raises InvalidInput for a note that is too long, Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    words = own_words("note", said)
    async with staff_transaction(bounds_of(actor)) as connection:
        declaration, case = await locked_declaration(connection, actor, declaration_id)
        kind = CaseEventKind.DECLARATION_REJECTED
        if await done_already(connection, actor, declaration, DeclarationState.REJECTED, kind):
            return declaration
        hold_version(declaration, version)
        now = runtime.clock.now()
        before = step(declaration, "REJECT", now)
        await save_declaration(connection, declaration)
        if before is DeclarationState.REROUTED:
            await answer_reroute(connection, case.id, TransferState.ACCEPTED, actor.account_id, now)
        closed = await close_without_report(runtime, connection, actor, case, "DISMISS", now)
        await add_counts(connection, [pending_change(runtime, declaration, before, now), *closed.changes])
        detail = {"reason": reason.value} | ({"note": words} if words else {})
        await note(connection, runtime.sealer, actor, case, kind, now, subject=declaration.id, detail=detail)
        await record(
            connection,
            actor,
            "reject_declaration",
            now,
            [str(declaration.id)],
            area_no=declaration.area_no,
            detail={"reason": reason.value},
        )
        told = closed.closed and await tell_outcome(runtime, connection, case, MessageKind.REFUSED, now)
        if closed.alerts:
            ids = [alert.id for alert in closed.alerts]
            await log.append(connection, ids, AlertChange.RESOLVED, now, actor.account_id)
    if closed.alerts:
        runtime.hub.wake()
    if told:
        runtime.wake_relay()
    return declaration
