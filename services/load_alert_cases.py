"""The cases behind alerts, for many alerts at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from access.visible import scope
from models.case import Case
from services.batch import padded


async def cases_of_alerts(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> dict[UUID, Case]:
    """The cases of these identifiers within the range where the actor may see alerts.

    Whoever sees an alert sees how ill and how old the person is, as in the live event. Who it is stays sealed for a
    committee: `identify` asks for more.
    """
    where = scope(actor, Action.SEE_ALERTS)
    rows = await Case.filter(id__in=padded(ids), area_no__gte=where.lo, area_no__lte=where.hi).using_db(connection)
    return {row.id: row for row in rows}
