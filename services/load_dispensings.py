"""The packs that were given, for many cases at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import reachable
from models.dispensing import Dispensing
from services.batch import MOST_A_CASE, padded


async def dispensings_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> dict[UUID, list[Dispensing]]:
    """The packs of each case that the actor may see, newest first, 50 of a case at the most."""
    found: dict[UUID, list[Dispensing]] = {case_id: [] for case_id in case_ids}
    rows = reachable(actor, Dispensing, connection).filter(case_id__in=padded(case_ids))
    for row in await rows.order_by("-id"):
        if len(found[row.case_id]) < MOST_A_CASE:
            found[row.case_id].append(row)
    return found
