"""Handing over: somebody has moved, and another ward takes the case when it says so."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import visible_transfers
from models.case import Case
from models.database import service_transaction
from models.identifier import uuid7
from models.state import CaseEventKind, GrantKind, TransferKind, TransferState
from models.transfer import Transfer
from services.change_case import advance, locked_case, note, save_case
from services.move_case import close_to_station, destination, move_case, open_to_station, tell_moved
from services.own_words import needed_words, own_words
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime
from services.transfer_reason import sealed_reason


async def hand_over_case(
    runtime: Runtime, actor: Actor, case_id: UUID, area_id: str, reason: str, version: int | None = None
) -> Transfer:
    """Asks another ward to take the case, which stays here until that has said so; its station sees it meanwhile.

    Raises InvalidInput (no ward, this ward, no reason), Conflict (WRONG_STATE, STALE_VERSION, HAND_OVER_WAITS where
    a ward was asked already) and NotFound.
    """
    if not may(actor, Action.HAND_OVER_CASE):
        raise NotFound
    words = needed_words("reason", reason)
    # The service's login: the other ward's grant is in nobody's range. Narrowed by `visible` before anything is done.
    async with service_transaction() as connection:
        case = await locked_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        to = await destination(connection, area_id, runtime.clock.day(now), case.area_id)
        waiting = Transfer.filter(case_id=case.id, state=TransferState.REQUESTED).using_db(connection)
        if await waiting.exists():
            raise Conflict("HAND_OVER_WAITS", Current("CASE", case.id))
        advance(case, "HAND_OVER", now)
        await save_case(connection, case)
        id = uuid7()
        transfer = await Transfer.create(
            using_db=connection,
            id=id,
            case_id=case.id,
            area_no=to.area_no,
            kind=TransferKind.HAND_OVER,
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
        await open_to_station(connection, case.id, to.station_id, GrantKind.RECEIVER, now)
        kind, detail = CaseEventKind.HAND_OVER_ASKED, {"reason": words}
        await note(connection, runtime.sealer, actor, case, kind, now, subject=id, detail=detail)
        objects = [str(case.id), str(id)]
        await record(connection, actor, "hand_over_case", now, objects, area_no=case.area_no, detail={"to": to.area_id})
    return transfer


async def accept_hand_over(runtime: Runtime, actor: Actor, transfer_id: UUID) -> Transfer:
    """Takes a case that was handed over to a ward of the actor's: now it moves, with all that belongs to it.

    What it was counted as stays where it was counted; what is open goes along. Accepting again is the same answer.
    Raises Conflict (WRONG_STATE: it was answered or taken back, or the case is not at home any more) and NotFound.
    """
    if not may(actor, Action.HAND_OVER_CASE):
        raise NotFound
    # The service's login: until it is taken the case lies in another ward. Narrowed to what was sent to the actor's.
    async with service_transaction() as connection:
        transfer, case = await _locked(connection, actor, transfer_id)
        if not actor.jurisdiction.covers(transfer.area_no):
            raise NotFound
        if _answered(transfer, TransferState.ACCEPTED, actor):
            return transfer
        _waits(transfer)
        now = runtime.clock.now()
        to = await destination(connection, transfer.to_area_id, runtime.clock.day(now), case.area_id)
        advance(case, "HAND_OVER", now)
        await _answer(connection, transfer, TransferState.ACCEPTED, actor, now)
        await close_to_station(connection, case.id, to.station_id, now)
        await close_to_station(connection, case.id, transfer.to_station_id, now)
        await open_to_station(connection, case.id, case.station_id, GrantKind.SENDER, now)
        carried = await move_case(runtime, connection, case, to, now, counted_there=False)
        await note(connection, runtime.sealer, actor, case, CaseEventKind.HANDED_OVER, now, subject=transfer.id)
        objects = [str(case.id), str(transfer.id)]
        await record(connection, actor, "accept_hand_over", now, objects, area_no=case.area_no)
        moved = await tell_moved(runtime, connection, carried, now, actor.account_id)
    moved.announce(runtime)
    return transfer


async def refuse_hand_over(runtime: Runtime, actor: Actor, transfer_id: UUID, reason: str) -> Transfer:
    """Does not take a case that was handed over to a ward of the actor's: it stays where it is.

    Raises InvalidInput (no reason), Conflict (WRONG_STATE) and NotFound.
    """
    if not may(actor, Action.HAND_OVER_CASE):
        raise NotFound
    words = needed_words("reason", reason)
    return await _end(runtime, actor, transfer_id, TransferState.REFUSED, words)


async def cancel_hand_over(runtime: Runtime, actor: Actor, transfer_id: UUID, reason: str | None = None) -> Transfer:
    """Takes back what a ward of the actor's has asked, while nobody has answered.

    Raises InvalidInput (a reason that is too long), Conflict (WRONG_STATE) and NotFound.
    """
    if not may(actor, Action.HAND_OVER_CASE):
        raise NotFound
    return await _end(runtime, actor, transfer_id, TransferState.CANCELLED, own_words("reason", reason))


async def _end(runtime: Runtime, actor: Actor, transfer_id: UUID, state: TransferState, words: str | None) -> Transfer:
    # The service's login: the other side's grant is in nobody's range. Narrowed to the side that may say so.
    async with service_transaction() as connection:
        transfer, case = await _locked(connection, actor, transfer_id)
        side = transfer.area_no if state is TransferState.REFUSED else transfer.from_no
        if not actor.jurisdiction.covers(side):
            raise NotFound
        if _answered(transfer, state, actor):
            return transfer
        _waits(transfer)
        now = runtime.clock.now()
        await _answer(connection, transfer, state, actor, now)
        await close_to_station(connection, case.id, transfer.to_station_id, now)
        kind = CaseEventKind.HAND_OVER_REFUSED
        detail = {"answer": state.value} | ({"reason": words} if words else {})
        await note(connection, runtime.sealer, actor, case, kind, now, subject=transfer.id, detail=detail)
        action = "refuse_hand_over" if state is TransferState.REFUSED else "cancel_hand_over"
        await record(connection, actor, action, now, [str(case.id), str(transfer.id)], area_no=side)
    return transfer


async def _locked(connection: AsyncpgDBClient, actor: Actor, transfer_id: UUID) -> tuple[Transfer, Case]:
    """The transfer and its case, the case locked first, where one of its wards is the actor's."""
    either = visible_transfers(actor, connection).filter(id=transfer_id, kind=TransferKind.HAND_OVER)
    found = await either.first()
    if found is None:
        raise NotFound
    case = await Case.filter(id=found.case_id).using_db(connection).select_for_update().first()
    transfer = await either.select_for_update().first()
    if case is None or transfer is None:
        raise NotFound
    return transfer, case


def _answered(transfer: Transfer, state: TransferState, actor: Actor) -> bool:
    return transfer.state == state and transfer.answered_by == actor.account_id


def _waits(transfer: Transfer) -> None:
    if transfer.state != TransferState.REQUESTED:
        # Answered once and for all: another ward may be asked, which is an act of the case.
        values: dict[str, object] = {"state": transfer.state, "allowed": ()}
        raise Conflict("WRONG_STATE", Current("CASE", transfer.case_id), values)


async def _answer(
    connection: AsyncpgDBClient, transfer: Transfer, state: TransferState, actor: Actor, now: datetime
) -> None:
    transfer.state, transfer.answered_at, transfer.version = state, now, transfer.version + 1
    transfer.answered_by = actor.account_id
    await transfer.save(using_db=connection, update_fields=["state", "answered_at", "answered_by", "version"])
