"""Who is on duty where an alert calls, and whether anybody there can be reached at all."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from alerts.presence import SEEN_WITHIN_SECONDS
from triage.duty import Hours
from triage.response import LEVELS

_REMEMBERED_SECONDS = 3.0

# One statement, because it runs before each declaration that raises alerts: for each place its own station's people,
# those of the medical centres and of the city above it, who of them has a screen open, and whether the installation
# keeps any roster at all (a hospital's says nothing of who answers alerts). All hours are read, and judged by
# triage.duty: there are few people at a place.
_LOOK = f"""
WITH place AS MATERIALIZED (
  SELECT * FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS p (area_no, station_id, n)
), open AS MATERIALIZED (
  SELECT DISTINCT station_id FROM presence
  WHERE sockets > 0 AND seen_at > now() - interval '{SEEN_WITHIN_SECONDS} seconds'
)
SELECT p.n, d.level, d.id, d.sealed, d.weekdays, d.starts, d.ends, d.quiet_from, d.quiet_until
FROM place p JOIN duty d ON d.ended_at IS NULL AND d.level = 'station' AND d.station_id = p.station_id
UNION ALL
SELECT p.n, d.level, d.id, d.sealed, d.weekdays, d.starts, d.ends, d.quiet_from, d.quiet_until
FROM duty d JOIN area a ON a.id = d.area_id JOIN place p ON p.area_no BETWEEN a.lo AND a.hi
WHERE d.ended_at IS NULL AND d.level <> 'station'
UNION ALL
SELECT p.n, 'station', NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM place p JOIN open o ON o.station_id = p.station_id
UNION ALL
SELECT p.n, 'medical_centre', NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM open o JOIN station s ON s.id = o.station_id AND s.active AND s.kind = 'MEDICAL_CENTRE'
  JOIN area a ON a.id = s.area_id JOIN place p ON p.area_no BETWEEN a.lo AND a.hi
UNION ALL
SELECT 0, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL
WHERE EXISTS (SELECT FROM duty d LEFT JOIN station s ON s.id = d.station_id
  WHERE d.ended_at IS NULL AND s.kind IS DISTINCT FROM 'HOSPITAL')
ORDER BY 1, 3
"""
_AT_STATION = """
SELECT id, sealed, weekdays, starts, ends, quiet_from, quiet_until FROM duty
WHERE station_id = $1 AND level = 'station' AND ended_at IS NULL ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert calls: the number of its area, and the station that answers for it, if there is one."""

    area_no: int
    station_id: str | None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who is on duty now. `quiet` is for how long they are not to be woken but for what is red."""

    id: UUID
    sealed: bytes
    quiet: timedelta


@dataclass(slots=True)
class Reach:
    """Who can be reached for alerts of some places, at each level."""

    _people: dict[tuple[Place, str], list[OnDuty]] = field(default_factory=dict)
    _connected: set[tuple[Place, str]] = field(default_factory=set)

    def people(self, place: Place, level: str) -> list[OnDuty]:
        """Who is on duty there now."""
        return self._people.get((place, level), [])

    def climb(self, place: Place, level: str) -> tuple[str, ...]:
        """The levels that an alert climbs at once because nobody can be reached where it is: none where somebody can.

        It ends at the top, whoever is there.
        """
        climbed: list[str] = []
        for above in LEVELS[LEVELS.index(level) + 1 :]:
            if self._people.get((place, level)) or (place, level) in self._connected:
                break
            climbed.append(above)
            level = above
        return tuple(climbed)


class NoRosters:
    """Remembers for seconds that an installation keeps no rosters, so that it does not ask before every alert."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def known(self) -> bool:
        """Whether somebody has just looked, and there were none."""
        return time.monotonic() < self._until

    def found(self) -> None:
        """There are none at the moment."""
        self._until = time.monotonic() + _REMEMBERED_SECONDS

    def forget(self) -> None:
        """There is one now, or the rows were emptied under us."""
        self._until = 0.0


async def reach(connection: AsyncpgDBClient, none: NoRosters, places: Sequence[Place], at: datetime) -> Reach | None:
    """Who can be reached for these places at a moment in the installation's zone; None where nobody keeps rosters.

    Where nobody does, stations are expected to sit before their screens, and nothing climbs before its time.
    """
    if none.known or not places:
        return None
    asked = list(dict.fromkeys(places))
    _, rows = await connection.execute_query(
        _LOOK, [[place.area_no for place in asked], [place.station_id for place in asked]]
    )
    if not rows or rows[0]["n"] != 0:
        none.found()
        return None
    found = Reach()
    for row in rows[1:]:
        key = (asked[row["n"] - 1], str(row["level"]))
        if row["id"] is None:
            found._connected.add(key)
        elif (hours := hours_of(row)).on_duty(at):
            found._people.setdefault(key, []).append(OnDuty(row["id"], row["sealed"], hours.quiet(at)))
    return found


async def on_duty_at(connection: AsyncpgDBClient, station_id: str, at: datetime) -> list[OnDuty]:
    """Who is on duty at one station at a moment in the installation's zone, whoever else keeps rosters."""
    _, rows = await connection.execute_query(_AT_STATION, [station_id])
    kept = [(row, hours_of(row)) for row in rows]
    return [OnDuty(row["id"], row["sealed"], hours.quiet(at)) for row, hours in kept if hours.on_duty(at)]


def hours_of(row: Mapping[str, Any]) -> Hours:
    """The hours of a row that has their columns; quiet hours too, where it has those."""
    quiet = {name: wall(row[name]) for name in ("quiet_from", "quiet_until") if row.get(name) is not None}
    return Hours(weekdays_of(row["weekdays"]), wall(row["starts"]), wall(row["ends"]), **quiet)


def wall(minutes: int) -> time_of_day:
    """The time of day so many minutes after midnight."""
    return time_of_day(minutes // 60, minutes % 60)


def weekdays_of(digits: str) -> frozenset[int]:
    """The days of the week as a row has them, Monday as 1."""
    return frozenset(map(int, digits))
