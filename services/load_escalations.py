"""How far alerts have climbed, for many of them at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.alert import AlertEvent
from models.state import AlertChange
from services.batch import MOST_A_CASE, padded


async def escalations_of_alerts(
    actor: Actor, connection: AsyncpgDBClient, alert_ids: Collection[UUID]
) -> dict[UUID, list[AlertEvent]]:
    """The escalations of each alert that the actor may see, in the order in which they happened, 50 at the most."""
    found: dict[UUID, list[AlertEvent]] = {alert_id: [] for alert_id in alert_ids}
    rows = visible(actor, AlertEvent, connection).filter(alert_id__in=padded(alert_ids), change=AlertChange.ESCALATED)
    for row in await rows.order_by("seq"):
        if len(found[row.alert_id]) < MOST_A_CASE:
            found[row.alert_id].append(row)
    return found
