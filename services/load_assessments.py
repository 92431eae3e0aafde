"""Assessments for many objects at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import reachable
from models.case import Assessment
from services.batch import padded


async def latest_assessment_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> dict[UUID, Assessment]:
    """The newest assessment of each case that the actor may see; a case without one is not in the answer."""
    rows = reachable(actor, Assessment, connection).filter(case_id__in=padded(case_ids))
    # In order, so that the newest of a case is the one that stays.
    return {row.case_id: row for row in await rows.order_by("assessed_at", "id")}


async def assessments_of_declarations(
    actor: Actor, connection: AsyncpgDBClient, declaration_ids: Collection[UUID]
) -> dict[UUID, Assessment]:
    """The assessment of each declaration that the actor may see; the newest where it was assessed again."""
    rows = reachable(actor, Assessment, connection).filter(declaration_id__in=padded(declaration_ids))
    return {row.declaration_id: row for row in await rows.order_by("assessed_at", "id")}
