"""Taking hold of a duty that is to be changed, for whoever keeps it."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.rosters import visible_duties
from models.duty import Duty
from services.problem import Conflict, Current, NotFound


async def lock_duty(connection: AsyncpgDBClient, actor: Actor, duty_id: UUID, version: int) -> Duty:
    """The duty, locked until the transaction ends, with its next version.

    Raises NotFound for one that has ended or that the actor does not keep, Conflict (STALE_VERSION).
    """
    row = await visible_duties(actor, connection).filter(id=duty_id).select_for_update().first()
    if row is None:
        raise NotFound
    if row.version != version:
        raise Conflict("STALE_VERSION", Current("DUTY", row.id))
    row.version += 1
    return row
