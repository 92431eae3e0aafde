"""Confirming: the station says that this is a case."""

from dataclasses import replace
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import staff_transaction
from models.state import CaseEventKind, DeclarationState, MessageKind
from services.begin_isolation import begin_isolation
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.problem import NotFound
from services.runtime import Runtime
from services.settle_case import settle_declarations
from services.tell_resident import tell_outcome


async def confirm(runtime: Runtime, actor: Actor, case_id: UUID, version: int | None = None) -> Case:
    """Confirms a suspected case and accepts its declarations.

    `version` is the one the caller has seen. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.CONFIRM_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        before = advance(case, "CONFIRM", now)
        case.confirmed_at = now
        await begin_isolation(runtime, connection, case, now)
        await save_case(connection, case, "confirmed_at", "test_on", "vaccine_doses", "release_on")
        changes = await settle_declarations(runtime, connection, case, DeclarationState.ACCEPTED, now, actor.account_id)
        confirmed = replace(counted(runtime.clock, case, before, now), confirmed=1)
        await add_counts(connection, [*changes, confirmed])
        await note(connection, runtime.sealer, actor, case, CaseEventKind.CONFIRMED, now)
        await record(connection, actor, "confirm_case", now, [str(case.id)], area_no=case.area_no)
        told = await tell_outcome(runtime, connection, case, MessageKind.CONFIRMED, now)
    if told:
        runtime.wake_relay()
    return case
