"""Accepting: the station takes a report as its own to look after; whether it is a case is said by confirming."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.database import staff_transaction
from models.declaration import Declaration
from models.state import CaseEventKind, DeclarationState, TransferState
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
from services.count_change import add_counts
from services.problem import NotFound
from services.runtime import Runtime


async def accept_declaration(
    runtime: Runtime, actor: Actor, declaration_id: UUID, version: int | None = None
) -> Declaration:
    """Accepts a waiting declaration; one that was sent on from another ward is taken with it.

    Whoever has just accepted it gets it again. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        declaration, case = await locked_declaration(connection, actor, declaration_id)
        kind = CaseEventKind.DECLARATION_ACCEPTED
        if await done_already(connection, actor, declaration, DeclarationState.ACCEPTED, kind):
            return declaration
        hold_version(declaration, version)
        now = runtime.clock.now()
        before = step(declaration, "ACCEPT", now)
        await save_declaration(connection, declaration)
        if before is DeclarationState.REROUTED:
            await answer_reroute(connection, case.id, TransferState.ACCEPTED, actor.account_id, now)
        await add_counts(connection, [pending_change(runtime, declaration, before, now)])
        await note(connection, runtime.sealer, actor, case, kind, now, subject=declaration.id)
        await record(connection, actor, "accept_declaration", now, [str(declaration.id)], area_no=declaration.area_no)
    return declaration
