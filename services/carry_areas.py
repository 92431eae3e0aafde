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
from models.state import (
    OPEN_ALERT_STATES,
    WAITING_DECLARATION_STATES,
    AlertChange,
    AlertState,
    CaseState,
    CertificateState,
    StationKind,
    TransferState,
)
from models.station import Station
from services.case_tables import case_tables
from services.count_change import CountChange, add_counts

_PAIRS = (
    "unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::text[]) AS step (from_id, from_no, to_id, to_no, station)"
)
_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_ALERT_STATES)
_PLACE = "area_id = step.to_id, area_no = step.to_no, station_id = step.station"

# What rests in a case that goes on goes with it, and so does who is released and waits for a signature.
_CARRY_CASES = f"""
WITH carried AS (
  UPDATE illness_case AS c SET {_PLACE}, version = c.version + 1 FROM {_PAIRS}
  WHERE c.area_no = step.from_no AND (c.closed_at IS NULL OR c.state = '{CaseState.MERGED.value}' OR EXISTS (
    SELECT FROM certificate t WHERE t.case_id = c.id AND t.state = '{CertificateState.AWAITING_SIGNATURE.value}'))
  RETURNING c.id)
SELECT id FROM carried
"""
# All that lies where its case lies: the new station has to see why, and what was done. No counter hangs on these rows.
_CARRY_ROWS = """
UPDATE {table} AS t SET {place} FROM illness_case c
WHERE c.id = ANY($1::uuid[]) AND t.case_id = c.id AND t.area_no <> c.area_no
"""
# Who is asked, and who hears what came of it, is whoever stands in the place of the ward that has ended.
_CARRY_TRANSFERS = tuple(
    f"""
UPDATE transfer AS t SET {number} = step.to_no, {side}_area_id = step.to_id, {side}_station_id = step.station
FROM {_PAIRS} WHERE t.{number} = step.from_no AND t.state = '{TransferState.REQUESTED.value}'
"""
    for side, number in (("to", "area_no"), ("from", "from_no"))
)
# Whatever is open has to be seen by somebody; what was taken but not resolved goes along while its case is open.
_CARRY_ALERTS = f"""
WITH carried AS (
  UPDATE alert AS a SET {_PLACE}, version = a.version + 1 FROM {_PAIRS}
  WHERE a.area_no = step.from_no AND (a.state IN ({_OPEN}) OR (a.state <> '{AlertState.RESOLVED.value}'
    AND EXISTS (SELECT FROM illness_case c WHERE c.id = a.case_id AND c.closed_at IS NULL)))
  RETURNING a.id, a.raised_at)
SELECT id FROM carried ORDER BY raised_at, id
"""
_WAITING = f"({', '.join(repr(state.value) for state in WAITING_DECLARATION_STATES)})"
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
# What was opened to a station that is closed is open to the one that takes its place, once.
_CARRY_GRANTS = """
WITH station AS (SELECT * FROM unnest($1::text[], $2::text[]) AS u (before, now))
UPDATE case_grant AS g SET grantee = 'station:' || station.now FROM station
WHERE g.grantee = 'station:' || station.before AND g.ended_at IS NULL AND NOT EXISTS (
  SELECT FROM case_grant o WHERE o.case_id = g.case_id AND o.grantee = 'station:' || station.now)
  AND NOT EXISTS (SELECT FROM case_grant o JOIN station p ON o.grantee = 'station:' || p.before
    WHERE p.now = station.now AND o.case_id = g.case_id AND o.ended_at IS NULL AND o.id < g.id)
"""
_CARRY_QUEUES = tuple(
    f"""
UPDATE {table} AS t SET station_id = station.now FROM unnest($1::text[], $2::text[]) AS station (before, now)
WHERE t.station_id = station.before AND t.state IN ({states})
"""
    for table, states in (
        ("certificate", f"'{CertificateState.AWAITING_SIGNATURE.value}'"),
        ("referral", "'REQUESTED', 'ACCEPTED', 'IN_TRANSFER', 'ADMITTED'"),
    )
)
_PLACE_STOCK = tuple(
    f"UPDATE {table} AS t SET area_no = s.area_no FROM station s WHERE s.id = t.station_id AND t.area_no <> s.area_no"
    for table in ("stock_balance", "stock_entry")
)
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
    _, declarations = await connection.execute_query(_CARRY_DECLARATIONS, steps)
    _, alerts = await connection.execute_query(_CARRY_ALERTS, steps)
    _, cases = await connection.execute_query(_CARRY_CASES, steps)
    await _carry_rows(connection, [case["id"] for case in cases])
    for statement in _CARRY_TRANSFERS:
        await connection.execute_query(statement, steps)
    carried: list[UUID] = [alert["id"] for alert in alerts]
    if carried:
        await log.append(connection, carried, AlertChange.CARRIED, now)
    return Carried(len(cases), len(carried), declarations[0]["declarations"], accounts, stations, closed_stations)


async def _carry_rows(connection: TransactionWrapper, cases: list[UUID]) -> None:
    """The rows of cases that were carried, in every table that has any."""
    for table, placed in case_tables():
        place = (
            "area_no = c.area_no, area_id = c.area_id, station_id = c.station_id" if placed else "area_no = c.area_no"
        )
        await connection.execute_query(_CARRY_ROWS.format(table=table, place=place), [cases])


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
    for carry in (_CARRY_STATION_STAFF, _CARRY_STATION_DUTIES, _CARRY_GRANTS, *_CARRY_QUEUES):
        await connection.execute_query(carry, [[old for old, _ in staff], [now for _, now in staff]])
    for statement in (_PLACE_DUTIES, *_PLACE_STOCK):
        await connection.execute_query(statement)
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
                hospitalised=known.hospitalised + sign * total.hospitalised,
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
