"""Each station's handling of what it received: the committees' live view."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from alerts.presence import SEEN_WITHIN_SECONDS
from models.state import StationKind
from models.station import Station
from services.load_areas import areas_by_id
from services.on_duty import hours_of
from services.summarise import Summary, batches, span
from triage.duty import Hours

# SQL of our own, because it is the database's clock that counts here: presence is about real seconds, and a demo moves
# the installation's.
_CONNECTED = f"""
SELECT DISTINCT station_id FROM presence
WHERE station_id = ANY($1::text[]) AND sockets > 0 AND seen_at > now() - interval '{SEEN_WITHIN_SECONDS} seconds'
"""

# The hours of everybody's shifts and not who has them: how many are on duty, all see who see the station.
_HOURS = """
SELECT station_id, weekdays, starts, ends FROM duty_hours WHERE station_id = ANY($1::text[])
UNION ALL SELECT NULL, '', 0, 0 WHERE EXISTS (SELECT FROM duty_hours d LEFT JOIN station s ON s.id = d.station_id
  WHERE s.kind IS DISTINCT FROM 'HOSPITAL')
"""


@dataclass(frozen=True, slots=True)
class StationSummary:
    """A station and the summary of the area it answers for: of a medical centre, its whole district.

    What it received is `declared`, and the rest of its figures are those of `summary` as well.
    """

    station: Station
    summary: Summary


@dataclass(frozen=True, slots=True)
class Cover:
    """Who could be reached at a station: its shifts, and whether a screen is open.

    `kept` where the installation keeps any roster at all.
    """

    shifts: tuple[Hours, ...]
    connected: bool
    kept: bool

    def on_duty(self, at: datetime) -> int:
        """How many are on duty at a moment in the installation's zone."""
        return sum(shift.on_duty(at) for shift in self.shifts)

    def uncovered(self, at: datetime) -> bool:
        """Whether nobody can be reached there. Where no rosters are kept at all, nobody can tell."""
        return self.kept and not self.connected and self.on_duty(at) == 0


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
        # A hospital answers for no area: it would be shown with the figures of the one that it stands in.
        working = working.exclude(kind=StationKind.HOSPITAL)
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


async def cover_of(connection: AsyncpgDBClient, station_ids: Collection[str]) -> dict[str, Cover]:
    """Who could be reached at each of these stations; take the ids from `stations_of`."""
    connected = await connected_of(connection, station_ids)
    _, rows = await connection.execute_query(_HOURS, [list(station_ids)])
    shifts: dict[str | None, list[Hours]] = {}
    for row in rows:
        shifts.setdefault(row["station_id"], []).append(hours_of(row))
    kept = None in shifts
    return {id: Cover(tuple(shifts.get(id, ())), id in connected, kept) for id in station_ids}
