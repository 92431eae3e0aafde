"""From the area that somebody asks about to the range of rows that they may see of it."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action
from access.visible import scope
from models.area import Area
from services.problem import NotFound


async def resolve_area(
    actor: Actor, action: Action, connection: AsyncpgDBClient, area_id: str | None
) -> tuple[Area, Jurisdiction]:
    """The area, and the part of the actor's jurisdiction for this action that lies in it. None is the actor's own area.

    Raises NotFound for an area that is unknown, that lies outside, or of which the actor's role may see nothing:
    somebody who asks cannot tell which of the three it was.
    """
    where = scope(actor, action)
    wanted = actor.area_id if area_id is None else area_id
    # A text with a NUL is no identifier, and PostgreSQL refuses to be asked about it.
    if where.empty or wanted is None or "\0" in wanted:
        raise NotFound
    area = await Area.get_or_none(id=wanted, using_db=connection)
    if area is None or not where.covers(area.lo):
        raise NotFound
    return area, where.narrow(area.lo, area.hi)
