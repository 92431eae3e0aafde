"""The cases behind alerts, for many alerts at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.visible import by_grant, outlines, reachable
from models.case import Case
from services.batch import padded


async def cases_of_alerts(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> dict[UUID, Case]:
    """The cases of these identifiers within the range where the actor may see alerts.

    Whoever sees an alert sees how ill and how old the person is, as in the live event; who may see no case is given
    one without its identity.
    """
    if may(actor, Action.SEE_CASES):
        rows = list(by_grant(actor, await reachable(actor, Case, connection).filter(id__in=padded(ids))))
    else:
        rows = await outlines(actor, connection, ids)
    return {row.id: row for row in rows}
