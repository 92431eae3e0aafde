"""Withdrawing: whoever has sent a report takes it back before the station has decided on it."""

from uuid import UUID

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import taken_as_it_came
from alerts import log
from models.database import service_transaction
from models.declaration import Declaration
from models.state import AlertChange, CaseEventKind, DeclarationState, TransferState
from services.answer_reroute import answer_reroute
from services.change_case import note
from services.change_declaration import hold_version, pending_change, save_declaration, step
from services.close_without_report import close_without_report
from services.count_change import add_counts
from services.own_declaration import locked_own_declaration
from services.problem import NotFound
from services.runtime import Runtime


async def withdraw_declaration(
    runtime: Runtime, actor: Actor, declaration_id: UUID, version: int | None = None
) -> Declaration:
    """Takes back what the resident's own phone has declared. Where its case has no other report, that is none.

    Withdrawing again is the same answer. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.AMEND_DECLARATION):
        raise NotFound
    # The service's login: a resident has no rows to write. Narrowed to what was granted to the phone.
    async with service_transaction() as connection:
        declaration, case = await locked_own_declaration(connection, actor, declaration_id)
        if declaration.state == DeclarationState.WITHDRAWN:
            return declaration
        hold_version(declaration, version)
        now = runtime.clock.now()
        if taken_as_it_came(declaration):
            # Its case was confirmed before it came, perhaps from somebody else's report: whoever sent this one is not
            # to learn so by a refusal. It counted as waiting for nobody, and the case does not rest on it.
            declaration.state = DeclarationState.SUBMITTED
            step(declaration, "WITHDRAW", now)
            before = DeclarationState.ACCEPTED
        else:
            before = step(declaration, "WITHDRAW", now)
        await save_declaration(connection, declaration)
        if before is DeclarationState.REROUTED:
            await answer_reroute(connection, case.id, TransferState.CANCELLED, None, now)
        closed = await close_without_report(runtime, connection, actor, case, "WITHDRAW", now)
        # What a resident does is no act of the station's.
        change = pending_change(runtime, declaration, before, None)
        await add_counts(connection, [change, *closed.changes])
        kind = CaseEventKind.DECLARATION_WITHDRAWN
        await note(connection, runtime.sealer, actor, case, kind, now, subject=declaration.id)
        await record(connection, actor, "withdraw_declaration", now, [str(declaration.id)], area_no=declaration.area_no)
        if closed.alerts:
            await log.append(connection, [alert.id for alert in closed.alerts], AlertChange.RESOLVED, now)
    if closed.alerts:
        runtime.hub.wake()
    return declaration
