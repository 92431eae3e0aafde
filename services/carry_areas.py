"""Carrying what is open in areas that end across to the areas that follow them; what is closed stays where it was.

In SQL and by sets: the city of March 2022 had sixty thousand open cases, and the whole step is one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import TransactionWrapper

from alerts import log
from models.area import Area
from models.area_count import ALL_DAYS, AreaCount
from models.state import OPEN_ALERT_STATES, AlertChange, AlertState, DeclarationState, StationKind
from models.station import Station
from services.count_change import CountChange, add_counts

_PAIRS = (
    "unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::text[]) AS step (from_id, from_no, to_id, to_no, station)"
)
_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_ALERT_STATES)
_PLACE = "area_id = step.to_id, area_no = step.to_no, station_id = step.station"

# An assessment has no counters and is read with its case only, so it goes along: the new station has to see why.
_CARRY_CASES = f"""
WITH carried AS (
  UPDATE illness_case AS c SET {_PLACE}, version = c.version + 1 FROM {_PAIRS}
  WHERE c.area_no = step.from_no AND c.closed_at IS NULL RETURNING c.id, c.area_no),
explained AS (
  UPDATE assessment AS a SET area_no = carried.area_no FROM carried WHERE a.case_id = carried.id RETURNING a.id)
SELECT count(*) AS cases FROM carried
"""
# Whatever is open has to be seen by somebody; what was taken but not resolved goes along while its case is open.
_CARRY_ALERTS = f"""
WITH carried AS (
  UPDATE alert AS a SET {_PLACE}, version = a.version + 1 FROM {_PAIRS}
  WHERE a.area_no = step.from_no AND (a.state IN ({_OPEN}) OR (a.state <> '{AlertState.RESOLVED.value}'
    AND EXISTS (SELECT FROM illness_case c WHERE c.id = a.case_id AND c.closed_at IS NULL)))
  RETURNING a.id, a.raised_at)
SELECT id FROM carried ORDER BY raised_at, id
"""
_WAITING = f"('{DeclarationState.SUBMITTED.value}', '{DeclarationState.NEEDS_INFO.value}')"
# The receipt goes along with the first of its declarations: it names the station that will answer.
_CARRY_DECLARATIONS = f"""
WITH carried AS (
  UPDATE declaration AS d SET {_PLACE} FROM {_PAIRS}
  WHERE d.area_no = step.from_no AND d.state IN {_WAITING}
  RETURNING d.submission_id, d.area_id, d.area_no, d.station_id),
received AS (
  UPDATE submission AS s SET area_id = carried.area_id, area_no = carried.area_no, station_id = carried.station_id
  FROM carried WHERE s.id = carried.submission_id RETURNING s.id)
SELECT count(*) AS declarations FROM carried
"""
_CARRY_ACCOUNTS = f"UPDATE account SET area_id = step.to_id FROM {_PAIRS} WHERE account.area_id = step.from_id"
_CARRY_STATION_STAFF = """
UPDATE account SET station_id = station.now FROM unnest($1::text[], $2::text[]) AS station (before, now)
WHERE account.station_id = station.before
"""
# Whoever is on duty at a station goes where it goes, and at one that is closed to the one that takes its place.
_CARRY_STATION_DUTIES = """
UPDATE duty SET station_id = station.now FROM unnest($1::text[], $2::text[]) AS station (before, now)
WHERE duty.station_id = station.before AND duty.ended_at IS NULL
"""
_PLACE_DUTIES = """
UPDATE duty SET area_id = s.area_id, area_no = s.area_no FROM station s
WHERE s.id = duty.station_id AND duty.ended_at IS NULL AND duty.area_id <> s.area_id
"""
_CARRY_CITY_DUTIES = f"""
UPDATE duty SET area_id = step.to_id, area_no = step.to_no FROM {_PAIRS}
WHERE duty.area_id = step.from_id AND duty.station_id IS NULL AND duty.ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Succession:
    """An area that ends and the one that takes its open work; `staff_too` where accounts may go along."""

    before: Area
    after: Area
    staff_too: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """How much was carried across."""

    cases: int = 0
    alerts: int = 0
    declarations: int = 0
    accounts: int = 0
    stations: int = 0
    closed_stations: int = 0

    def __add__(self, other: "Carried") -> "Carried":
        """What was carried by two steps together."""
        return Carried(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


async def carry_areas(
    connection: TransactionWrapper, successions: Sequence[Succession], now: datetime, today: date
) -> Carried:
    """Carries open cases, unresolved alerts, waiting declarations, stations and accounts across, with their counters.

    `successions` are in order of precedence: where several areas become one, the first that has a station gives its
    station to the new area, if that has none yet, and the other stations are closed. The caller holds the numbering
    lock. Each alert carried is an event of the log, which stays locked until the transaction ends.
    """
    if not successions:
        return Carried()
    stations, closed_stations = await _carry_stations(connection, successions)
    station_of = await _ward_stations(connection, [each.after.id for each in successions])
    steps = _arguments(successions, station_of)
    accounts, _ = await connection.execute_query(
        _CARRY_ACCOUNTS, _arguments([each for each in successions if each.staff_too], station_of)
    )
    await connection.execute_query(
        _CARRY_CITY_DUTIES, _arguments([each for each in successions if each.staff_too], station_of)
    )
    await _count(connection, successions, now, today)
    _, cases = await connection.execute_query(_CARRY_CASES, steps)
    _, declarations = await connection.execute_query(_CARRY_DECLARATIONS, steps)
    _, alerts = await connection.execute_query(_CARRY_ALERTS, steps)
    carried: list[UUID] = [alert["id"] for alert in alerts]
    if carried:
        await log.append(connection, carried, AlertChange.CARRIED, now)
    return Carried(
        cases[0]["cases"], len(carried), declarations[0]["declarations"], accounts, stations, closed_stations
    )


async def _carry_stations(connection: TransactionWrapper, successions: Sequence[Succession]) -> tuple[int, int]:
    """An area has one ward station at the most, which an index holds: so all but one are closed before it moves."""
    has_one = set(await _ward_stations(connection, [each.after.id for each in successions]))
    after = {each.before.id: each.after for each in successions if each.staff_too}
    found = await Station.filter(area_id__in=list(after), active=True).using_db(connection)
    order = {area: place for place, area in enumerate(after)}
    moved, closed = [], []
    for station in sorted(found, key=lambda station: (order[station.area_id], station.id)):
        target = after[station.area_id]
        if station.kind is StationKind.WARD_STATION and target.id in has_one:
            closed.append(station)
            station.active = False
            continue
        if station.kind is StationKind.WARD_STATION:
            has_one.add(target.id)
        moved.append(station)
        station.area_id, station.area_no = target.id, target.lo
    gone = {station.id: after[station.area_id].id for station in closed}
    for changed, columns in ((closed, ["active"]), (moved, ["area_id", "area_no"])):
        if changed:
            await Station.bulk_update(changed, columns, batch_size=500, using_db=connection)
    station_of = await _ward_stations(connection, list(gone.values()))
    staff = [(before, station_of[area]) for before, area in gone.items()]
    for carry in (_CARRY_STATION_STAFF, _CARRY_STATION_DUTIES):
        await connection.execute_query(carry, [[old for old, _ in staff], [now for _, now in staff]])
    await connection.execute_query(_PLACE_DUTIES)
    return len(moved), len(closed)


async def _ward_stations(connection: TransactionWrapper, areas: Sequence[str]) -> dict[str, str]:
    found = Station.filter(area_id__in=list(areas), active=True, kind=StationKind.WARD_STATION)
    return {station.area_id: station.id for station in await found.using_db(connection)}


async def _count(connection: TransactionWrapper, successions: Sequence[Succession], now: datetime, today: date) -> None:
    """What is open leaves one ward's counters for another's today; what was counted once stays counted there."""
    after = {each.before.lo: each for each in successions}
    totals = AreaCount.filter(area_no__in=list(after), day=ALL_DAYS).using_db(connection)
    changes: dict[tuple[int, str], CountChange] = {}
    for total in await totals:
        each = after[total.area_no]
        for area, sign in ((each.before, -1), (each.after, 1)):
            # Two wards may become one: one statement must not name a row twice.
            key = (area.lo, total.disease)
            known = changes.get(key) or CountChange(area.id, area.lo, total.disease, today)
            changes[key] = CountChange(
                area.id,
                area.lo,
                total.disease,
                today,
                active=known.active + sign * total.active,
                pending=known.pending + sign * total.pending,
                open_alerts=known.open_alerts + sign * total.open_alerts,
            )
    await add_counts(connection, changes.values())


def _arguments(successions: Sequence[Succession], station_of: Mapping[str, str]) -> list[Any]:
    return [
        [each.before.id for each in successions],
        [each.before.lo for each in successions],
        [each.after.id for each in successions],
        [each.after.lo for each in successions],
        [station_of.get(each.after.id) for each in successions],
    ]
