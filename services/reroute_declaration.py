"""Rerouting: a report that came to the wrong ward goes to another one, at once, and lies there until that answers."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import service_transaction
from models.declaration import Declaration
from models.identifier import uuid7
from models.state import (
    WAITING_DECLARATION_STATES,
    CaseEventKind,
    DeclarationState,
    GrantKind,
    TransferKind,
    TransferState,
)
from models.transfer import Transfer
from services.answer_reroute import answer_reroute
from services.change_case import advance, note
from services.change_declaration import hold_version, locked_declaration, step
from services.merged_cases import with_merged
from services.move_case import close_to_station, destination, move_case, open_to_station, tell_moved
from services.own_words import needed_words
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime
from services.transfer_reason import sealed_reason
from triage.lifecycle import DECLARATION


async def reroute_declaration(
    runtime: Runtime, actor: Actor, declaration_id: UUID, area_id: str, reason: str, version: int | None = None
) -> Declaration:
    """Sends a waiting declaration to another ward, with its case and all that belongs to it.

    It lies there at once, for nobody may wait with an alert; what it was counted as goes along. This ward's station
    still sees where it went. Raises InvalidInput (no ward, this ward, no reason), Conflict (WRONG_STATE, STALE_VERSION)
    and NotFound.
    """
    if not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    words = needed_words("reason", reason)
    # The service's login: a row that leaves a ward is in nobody's range. Narrowed by `visible` before anything is done.
    async with service_transaction() as connection:
        declaration, case = await locked_declaration(connection, actor, declaration_id)
        hold_version(declaration, version)
        now = runtime.clock.now()
        to = await destination(connection, area_id, runtime.clock.day(now), case.area_id)
        step(declaration, "REROUTE", now)
        advance(case, "HAND_OVER", now)
        # One that was sent on to here is answered by being sent on.
        await answer_reroute(connection, case.id, TransferState.ACCEPTED, actor.account_id, now)
        await _refuse_while_handed_over(connection, case)
        await _set_waiting(connection, case, DeclarationState.REROUTED, WAITING_DECLARATION_STATES)
        id, from_no = uuid7(), case.area_no
        await Transfer.create(
            using_db=connection,
            id=id,
            case_id=case.id,
            area_no=to.area_no,
            kind=TransferKind.REROUTE,
            state=TransferState.REQUESTED,
            from_area_id=case.area_id,
            from_no=case.area_no,
            from_station_id=case.station_id,
            to_area_id=to.area_id,
            to_station_id=to.station_id,
            reason=sealed_reason(runtime, id, words),
            asked_at=now,
            asked_by=actor.account_id,
        )
        await open_to_station(connection, case.id, case.station_id, GrantKind.SENDER, now)
        await close_to_station(connection, case.id, to.station_id, now)
        carried = await move_case(runtime, connection, case, to, now, counted_there=True)
        detail = {"reason": words}
        await note(connection, runtime.sealer, actor, case, CaseEventKind.REROUTED, now, subject=id, detail=detail)
        objects = [str(declaration.id), str(case.id), str(id)]
        await record(connection, actor, "reroute_declaration", now, objects, area_no=from_no, detail={"to": to.area_id})
        moved = await tell_moved(runtime, connection, carried, now, actor.account_id)
        declaration = await Declaration.get(id=declaration.id, using_db=connection)
    moved.announce(runtime)
    declaration.granted = not actor.jurisdiction.covers(declaration.area_no)
    return declaration


async def return_declaration(
    runtime: Runtime, actor: Actor, declaration_id: UUID, reason: str, version: int | None = None
) -> Declaration:
    """Sends a declaration back to the ward that it was sent on from, where it waits as before.

    Raises InvalidInput (no reason), Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    words = needed_words("reason", reason)
    # The service's login, as above; narrowed by `visible` to where the declaration lies now.
    async with service_transaction() as connection:
        declaration, case = await locked_declaration(connection, actor, declaration_id)
        hold_version(declaration, version)
        now = runtime.clock.now()
        before = step(declaration, "RETURN", now)
        advance(case, "HAND_OVER", now)
        waiting = Transfer.filter(case_id=case.id, kind=TransferKind.REROUTE, state=TransferState.REQUESTED)
        transfer = await waiting.using_db(connection).select_for_update().first()
        if transfer is None:
            # What it is, not what it would have become: nothing of this is written.
            values: dict[str, object] = {"state": before, "allowed": DECLARATION.allowed(before)}
            raise Conflict("WRONG_STATE", Current("DECLARATION", declaration.id), values)
        to = await destination(connection, transfer.from_area_id, runtime.clock.day(now), case.area_id)
        await answer_reroute(connection, case.id, TransferState.REFUSED, actor.account_id, now)
        await _set_waiting(connection, case, DeclarationState.SUBMITTED, [DeclarationState.REROUTED])
        await close_to_station(connection, case.id, to.station_id, now)
        from_no = case.area_no
        carried = await move_case(runtime, connection, case, to, now, counted_there=True)
        kind, detail = CaseEventKind.SENT_BACK, {"reason": words}
        await note(connection, runtime.sealer, actor, case, kind, now, subject=transfer.id, detail=detail)
        objects = [str(declaration.id), str(case.id), str(transfer.id)]
        await record(connection, actor, "return_declaration", now, objects, area_no=from_no, detail={"to": to.area_id})
        moved = await tell_moved(runtime, connection, carried, now, actor.account_id)
        declaration = await Declaration.get(id=declaration.id, using_db=connection)
    moved.announce(runtime)
    return declaration


async def _refuse_while_handed_over(connection: AsyncpgDBClient, case: Case) -> None:
    """Another ward that was asked to take it would otherwise take it from where it went."""
    waiting = Transfer.filter(case_id=case.id, state=TransferState.REQUESTED).using_db(connection)
    if await waiting.exists():
        raise Conflict("HAND_OVER_WAITS", Current("CASE", case.id))


async def _set_waiting(
    connection: AsyncpgDBClient, case: Case, state: DeclarationState, before: Sequence[DeclarationState]
) -> None:
    """All reports of a case, and of those that rest in it, go together: it lies in one ward."""
    whole = await with_merged(connection, [case.id])
    rows = Declaration.filter(case_id__in=whole, state__in=list(before)).using_db(connection)
    await rows.update(state=state, handled_at=None, version=F("version") + 1)
