"""Declarations for many objects at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import by_grant, reachable
from models.declaration import Declaration
from services.batch import MOST_A_CASE, padded
from services.merged_cases import shown_in


async def declarations_by_id(
    actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]
) -> dict[UUID, Declaration]:
    """The declarations of these identifiers that the actor may see; the others are not in the answer."""
    rows = await reachable(actor, Declaration, connection).filter(id__in=padded(ids))
    return {row.id: row for row in by_grant(actor, rows)}


async def declarations_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> dict[UUID, list[Declaration]]:
    """The declarations of each case that the actor may see, newest first, 50 of a case at the most.

    With those of the cases that rest in it.
    """
    found: dict[UUID, list[Declaration]] = {case_id: [] for case_id in case_ids}
    shown = await shown_in(actor, connection, case_ids)
    rows = reachable(actor, Declaration, connection).filter(case_id__in=padded(shown))
    for row in by_grant(actor, await rows.order_by("-submitted_at", "-id")):
        for case_id in shown[row.case_id]:
            if len(found[case_id]) < MOST_A_CASE:
                found[case_id].append(row)
    return found
