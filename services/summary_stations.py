"""Each station's handling of what it received: the committees' live view."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from alerts.presence import SEEN_WITHIN_SECONDS
from models.station import Station
from services.load_areas import areas_by_id
from services.summarise import Summary, batches, span

# SQL of our own, because it is the database's clock that counts here: presence is about real seconds, and a demo moves
# the installation's.
_CONNECTED = f"""
SELECT DISTINCT station_id FROM presence
WHERE station_id = ANY($1::text[]) AND sockets > 0 AND seen_at > now() - interval '{SEEN_WITHIN_SECONDS} seconds'
"""


@dataclass(frozen=True, slots=True)
class StationSummary:
    """A station and the summary of the area it answers for: of a medical centre, its whole district.

    What it received is `declared`, and the rest of its figures are those of `summary` as well.
    """

    station: Station
    summary: Summary


async def stations_of(
    actor: Actor, connection: AsyncpgDBClient, summaries: Collection[Summary]
) -> dict[Summary, list[StationSummary]]:
    """The stations that work within each summary's area and that the actor may see, in the order of the tree."""
    found: dict[Summary, list[StationSummary]] = {}
    for batch in batches(summaries):
        within = span(batch)
        working = visible(actor, Station, connection).filter(
            active=True, area_no__gte=within.lo, area_no__lte=within.hi
        )
        stations = await working.order_by("area_no", "id")
        areas = await areas_by_id(connection, {station.area_id for station in stations})
        numbers = [station.area_no for station in stations]
        for summary in batch:
            where = summary.jurisdiction
            found[summary] = [
                StationSummary(station, summary.of(areas[station.area_id]))
                for station in stations[bisect_left(numbers, where.lo) : bisect_right(numbers, where.hi)]
            ]
    return found


async def connected_of(connection: AsyncpgDBClient, station_ids: Collection[str]) -> set[str]:
    """Which of these stations have a live socket open, on whichever process; take the ids from `stations_of`."""
    _, rows = await connection.execute_query(_CONNECTED, [list(station_ids)])
    return {row["station_id"] for row in rows}
