"""Accepting: the station takes reports as its own to look after; whether they are cases is said by confirming."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import F

from access import trail
from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import Line
from models.database import staff_transaction
from models.declaration import Declaration
from models.state import CaseEventKind, DeclarationState, TransferState
from services.answer_reroute import answer_reroute
from services.batch import padded
from services.change_case import line_of
from services.change_cases import Chosen, at_most, locked_declarations, note_all
from services.change_declaration import done_already, hold_version, pending_change, step
from services.count_change import add_counts
from services.problem import Conflict, NotFound
from services.runtime import Runtime


async def accept_declaration(
    runtime: Runtime, actor: Actor, declaration_id: UUID, version: int | None = None
) -> Declaration:
    """Accepts a waiting declaration; one that was sent on from another ward is taken with it.

    Whoever has just accepted it gets it again. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    (found,) = await accept_all(runtime, actor, [Chosen(declaration_id, version)])
    if isinstance(found, Declaration):
        return found
    raise found


async def accept_all(
    runtime: Runtime, actor: Actor, chosen: Sequence[Chosen]
) -> list[Declaration | Conflict | NotFound]:
    """Accepts those of the declarations that can be accepted, in one transaction; what came of each, in the order
    asked.

    Raises InvalidInput for none and for more than 300, NotFound for a role that handles no declarations.
    """
    if not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    at_most(len(chosen), "declarations")
    kind = CaseEventKind.DECLARATION_ACCEPTED
    found: dict[UUID, Declaration | Conflict | NotFound] = {}
    async with staff_transaction(bounds_of(actor)) as connection:
        locked = await locked_declarations(connection, actor, [one.id for one in chosen])
        now = runtime.clock.now()
        accepted, changes = [], []
        for one in chosen:
            if one.id in found:
                continue
            if one.id not in locked:
                found[one.id] = NotFound()
                continue
            declaration, case = locked[one.id]
            found[one.id] = declaration
            if await done_already(connection, actor, declaration, DeclarationState.ACCEPTED, kind):
                continue
            try:
                hold_version(declaration, one.version)
                before = step(declaration, "ACCEPT", now)
            except Conflict as refused:
                found[one.id] = refused
                continue
            if before is DeclarationState.REROUTED:
                await answer_reroute(connection, case.id, TransferState.ACCEPTED, actor.account_id, now)
            changes.append(pending_change(runtime, declaration, before, now))
            accepted.append((declaration, case))
        if accepted:
            ids = padded(declaration.id for declaration, _ in accepted)
            await (
                Declaration.filter(id__in=ids)
                .using_db(connection)
                .update(state=DeclarationState.ACCEPTED, handled_at=now, version=F("version") + 1)
            )
            await add_counts(connection, changes)
            await note_all(
                connection,
                [line_of(runtime.sealer, actor, case, kind, now, subject=one.id) for one, case in accepted],
            )
            lines = [Line(actor, "accept_declaration", now, [str(one.id)], area_no=one.area_no) for one, _ in accepted]
            await trail.append(connection, lines)
    return [found[one.id] for one in chosen]
