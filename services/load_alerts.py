"""Alerts for many objects at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import reachable
from models.alert import Alert
from services.batch import MOST_A_CASE, padded
from services.merged_cases import shown_in


async def alerts_by_id(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> dict[UUID, Alert]:
    """The alerts of these identifiers that the actor may see; the others are not in the answer."""
    rows = await reachable(actor, Alert, connection).filter(id__in=padded(ids))
    return {row.id: row for row in rows}


async def alerts_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> dict[UUID, list[Alert]]:
    """The alerts of each case that the actor may see, most dangerous first, 50 of a case at the most.

    With those of the cases that rest in it: one call to the person answers them all.
    """
    found: dict[UUID, list[Alert]] = {case_id: [] for case_id in case_ids}
    shown = await shown_in(actor, connection, case_ids)
    rows = reachable(actor, Alert, connection).filter(case_id__in=padded(shown))
    for row in await rows.order_by("rank", "raised_at", "id"):
        for case_id in shown[row.case_id]:
            if len(found[case_id]) < MOST_A_CASE:
                found[case_id].append(row)
    return found
