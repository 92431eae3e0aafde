"""What confirming and dismissing share: a suspected case is looked at once, and its pending declarations with it."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.case import Case
from models.declaration import Declaration
from models.state import CaseState, DeclarationState
from services.count_change import CountChange
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime


async def suspected_case(connection: AsyncpgDBClient, actor: Actor, case_id: UUID, version: int | None) -> Case:
    """The case, locked, where it waits to be settled.

    Raises NotFound outside the jurisdiction, Conflict where it is settled already (WRONG_STATE) or is not the version
    that the caller has seen (STALE_VERSION).
    """
    case = await visible(actor, Case, connection).filter(id=case_id).select_for_update().first()
    if case is None:
        raise NotFound
    current = Current("CASE", case.id)
    if case.state != CaseState.SUSPECTED:
        raise Conflict("WRONG_STATE", current, {"state": case.state.value})
    if version is not None and version != case.version:
        raise Conflict("STALE_VERSION", current, {"version": case.version})
    return case


async def settle_declarations(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, state: DeclarationState, now: datetime
) -> list[CountChange]:
    """Moves the case's pending declarations on; the answer is what their wards' counters lose."""
    pending = (
        await Declaration.filter(case_id=case.id, state=DeclarationState.SUBMITTED)
        .order_by("id")
        .select_for_update()
        .using_db(connection)
    )
    await (
        Declaration.filter(id__in=[declaration.id for declaration in pending])
        .using_db(connection)
        .update(state=state, handled_at=now)
    )
    day = runtime.clock.day(now)
    return [CountChange(one.area_id, one.area_no, one.disease, day, pending=-1, acted_at=now) for one in pending]
