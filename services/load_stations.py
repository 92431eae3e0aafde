"""Stations for many objects at once. Who answers for an area is public, as on the sign at the station's door."""

from collections.abc import Collection

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.station import Station
from services.batch import padded, possible


async def stations_by_id(connection: AsyncpgDBClient, ids: Collection[str]) -> dict[str, Station]:
    """The stations of these identifiers, also those that work no more; an unknown one is not in the answer."""
    rows = await Station.filter(id__in=padded(possible(ids))).using_db(connection)
    return {row.id: row for row in rows}
