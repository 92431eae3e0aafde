"""From the area that somebody asks about to the range of rows that they may see of it."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action
from access.visible import scope
from models.alone import Alone
from models.area import Area
from services.problem import NotFound


def own_range(actor: Actor, action: Action, area_id: str | None) -> Jurisdiction | None:
    """What `resolve_area` gives for the actor's own area, which has been looked up with the actor; None for another."""
    where = scope(actor, action)
    return where if area_id in (None, actor.area_id) and actor.area_id is not None and not where.empty else None


async def resolve_range(
    actor: Actor, action: Action, reader: AsyncpgDBClient | Alone, area_id: str | None
) -> Jurisdiction:
    """The range of `resolve_area`, without a look at the actor's own area. Raises NotFound as it does."""
    where = own_range(actor, action, area_id)
    if where is not None:
        return where
    if isinstance(reader, Alone):
        raise TypeError("of another area than the actor's own the range has to be looked up first")
    return (await resolve_area(actor, action, reader, area_id))[1]


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
