"""Areas for many objects at once. Areas are public."""

from collections.abc import Collection
from datetime import date

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from models.area import Area
from models.database import application_connection
from services.batch import padded, possible


async def areas_by_id(connection: AsyncpgDBClient, ids: Collection[str]) -> dict[str, Area]:
    """The areas of these identifiers; an unknown one is not in the answer."""
    rows = await Area.filter(id__in=padded(possible(ids))).using_db(connection)
    return {row.id: row for row in rows}


async def areas_now(ids: Collection[str]) -> dict[str, Area]:
    """The same as of now, for who has no moment that they must fit to."""
    return await areas_by_id(application_connection(), ids)


async def children_of_areas(connection: AsyncpgDBClient, area_ids: Collection[str], at: date) -> dict[str, list[Area]]:
    """The areas directly below each of these that were in force on the day `at`, in the order of the tree."""
    found: dict[str, list[Area]] = {area_id: [] for area_id in area_ids}
    rows = Area.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at, parent_id__in=padded(area_ids)
    )
    for row in await rows.using_db(connection).order_by("lo"):
        found[str(row.parent_id)].append(row)
    return found
