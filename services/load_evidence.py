"""Photos for many objects at once."""

from collections.abc import Collection, Mapping
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import reachable
from models.evidence import Evidence
from services.batch import MOST_A_CASE, padded


async def evidence_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> Mapping[UUID, list[Evidence]]:
    """The photos of each case that the actor may see, newest first, 50 of a case at the most."""
    found: dict[UUID, list[Evidence]] = {case_id: [] for case_id in case_ids}
    rows = reachable(actor, Evidence, connection).filter(case_id__in=padded(case_ids), removed_at__isnull=True)
    for row in await rows.order_by("-uploaded_at", "-id"):
        if row.case_id is not None and len(found[row.case_id]) < MOST_A_CASE:
            found[row.case_id].append(row)
    return found


async def evidence_of_declarations(
    actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]
) -> Mapping[UUID, list[Evidence]]:
    """The photos of each declaration that the actor may see or has sent, newest first."""
    found: dict[UUID, list[Evidence]] = {id: [] for id in ids}
    rows = reachable(actor, Evidence, connection).filter(declaration_id__in=padded(ids), removed_at__isnull=True)
    for row in await rows.order_by("-uploaded_at", "-id"):
        if row.declaration_id is not None:
            found[row.declaration_id].append(row)
    return found
