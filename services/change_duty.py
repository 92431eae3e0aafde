"""Changing who is on duty and when."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.database import staff_transaction
from services.duty_faults import Shift, check_shift
from services.list_duties import KeptDuty, kept, place_of
from services.lock_duty import lock_duty
from services.problem import NotFound
from services.runtime import Runtime


async def change_duty(runtime: Runtime, actor: Actor, duty_id: UUID, version: int, shift: Shift) -> KeptDuty:
    """Gives a duty another person, phone or hours; texts that are on their way still go to the phone of before.

    Raises InvalidInput with every fault, NotFound for one that has ended or that the actor does not keep, Conflict
    (STALE_VERSION).
    """
    if not may(actor, Action.KEEP_ROSTER):
        raise NotFound
    checked = check_shift(shift, runtime.phone_region)
    now = runtime.clock.now()
    async with staff_transaction(bounds_of(actor)) as connection:
        row = await lock_duty(connection, actor, duty_id, version)
        row.sealed = runtime.sealer.seal(place_of(row.id), {"name": checked.name, "phone": checked.phone})
        row.update_from_dict(checked.hours())
        await row.save(using_db=connection, update_fields=["sealed", "version", *checked.hours()])
        detail: dict[str, object] = {**checked.hours()}
        await record(connection, actor, "change_duty", now, [str(row.id)], area_no=row.area_no, detail=detail)
    return kept(runtime.sealer, row)
