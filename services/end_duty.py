"""Taking somebody off duty."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.database import staff_transaction
from services.list_duties import KeptDuty, kept
from services.lock_duty import lock_duty
from services.problem import NotFound
from services.runtime import Runtime


async def end_duty(runtime: Runtime, actor: Actor, duty_id: UUID, version: int) -> KeptDuty:
    """Takes somebody off duty for good. Raises NotFound, and Conflict (STALE_VERSION)."""
    if not may(actor, Action.KEEP_ROSTER):
        raise NotFound
    now = runtime.clock.now()
    async with staff_transaction(bounds_of(actor)) as connection:
        row = await lock_duty(connection, actor, duty_id, version)
        row.ended_at = now
        await row.save(using_db=connection, update_fields=["ended_at", "version"])
        await record(connection, actor, "end_duty", now, [str(row.id)], area_no=row.area_no)
    return kept(runtime.sealer, row)
