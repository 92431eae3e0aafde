"""Confirming: the station says that this is a case."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import staff_transaction
from models.state import CaseState, DeclarationState, MessageKind
from services.count_change import CountChange, add_counts
from services.problem import NotFound
from services.runtime import Runtime
from services.settle_case import settle_declarations, suspected_case
from services.tell_resident import tell_outcome


async def confirm(runtime: Runtime, actor: Actor, case_id: UUID, version: int | None = None) -> Case:
    """Confirms a suspected case and accepts its declarations.

    `version` is the one the caller has seen. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.CONFIRM_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await suspected_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        case.state, case.confirmed_at, case.version = CaseState.CONFIRMED, now, case.version + 1
        await case.save(using_db=connection, update_fields=["state", "confirmed_at", "version"])
        changes = await settle_declarations(runtime, connection, case, DeclarationState.ACCEPTED, now)
        day = runtime.clock.day(now)
        confirmed = CountChange(case.area_id, case.area_no, case.disease, day, confirmed=1, active=1, acted_at=now)
        await add_counts(connection, [*changes, confirmed])
        await record(connection, actor, "confirm_case", now, [str(case.id)], area_no=case.area_no)
        told = await tell_outcome(runtime, connection, case, MessageKind.CONFIRMED, now)
    if told:
        runtime.wake_relay()
    return case
