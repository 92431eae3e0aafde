"""Cases for many objects at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import by_grant, own_outlines, reachable
from models.case import Case
from services.batch import padded
from services.follow_merged import follow_merged


async def cases_by_id(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> dict[UUID, Case]:
    """The cases of these identifiers that the actor may see; the others are not in the answer.

    A resident sees how the cases of their own declarations stand, and nothing of who it is.
    """
    if actor.kind == "RESIDENT":
        own = await own_outlines(actor, connection, ids)
        await follow_merged(actor, own)
        return {row.id: row for row in own}
    rows = await reachable(actor, Case, connection).filter(id__in=padded(ids))
    return {row.id: row for row in by_grant(actor, rows)}
