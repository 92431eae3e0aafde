"""Moving a case to another ward: it and all its rows at once, with its alerts in the log and both wards' counters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from alerts import log
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.declaration import Declaration
from models.identifier import uuid7
from models.state import (
    OPEN_ALERT_STATES,
    WAITING_DECLARATION_STATES,
    AlertChange,
    AlertState,
    CaseState,
    GrantKind,
    Level,
    StationKind,
)
from models.station import Station
from services.call_out import Call, Raised, call_out, told_of, who_is_there, write_letters
from services.case_tables import case_tables
from services.change_case import ACTIVE, save_case
from services.count_change import CountChange, add_counts
from services.merged_cases import with_merged
from services.on_duty import Place
from services.problem import InvalidInput
from services.runtime import Runtime
from triage.fault import Fault
from triage.lifecycle import ALERT

# The receipt names the station that answers: it goes along when nobody of the household is left behind.
_SUBMISSIONS = """
UPDATE submission s SET area_id = $2, area_no = $3, station_id = $4
WHERE s.id IN (SELECT submission_id FROM declaration WHERE case_id = ANY($1::uuid[]))
  AND NOT EXISTS (SELECT FROM declaration d WHERE d.submission_id = s.id AND d.area_no <> $3)
"""
_GRANT = """
INSERT INTO case_grant (id, case_id, grantee, kind, granted_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (grantee, case_id, (coalesce(declaration_id, case_id)))
DO UPDATE SET kind = excluded.kind, granted_at = excluded.granted_at, ended_at = NULL
"""
_END_GRANT = """
UPDATE case_grant SET ended_at = $4
WHERE case_id = $1 AND grantee = $2 AND kind = ANY($3::text[]) AND ended_at IS NULL AND declaration_id IS NULL
"""
# What was handed over stays counted where it was. A case that rests in another went along with it since their merge.
_CAME = """
SELECT m.id, max(t.answered_at) AS at FROM unnest($1::uuid[]) AS m (id)
JOIN transfer t ON t.case_id = ANY($1::uuid[]) AND t.kind = 'HAND_OVER' AND t.state = 'ACCEPTED'
WHERE t.case_id = m.id OR EXISTS (
  SELECT FROM person_merge p WHERE p.merged_case_id = m.id AND p.undone_at IS NULL AND p.at < t.answered_at)
GROUP BY m.id
"""


@dataclass(frozen=True, slots=True)
class Destination:
    """A ward, and its station where it has one."""

    area_id: str
    area_no: int
    station_id: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What the caller does after its commit: wake the hub, wake the relay."""

    carried: bool
    written: bool

    def announce(self, runtime: Runtime) -> None:
        """Wakes whoever has to hear of it."""
        if self.carried:
            runtime.hub.wake()
        if self.written:
            runtime.wake_relay()


async def destination(connection: AsyncpgDBClient, area_id: str, today: date, here: str) -> Destination:
    """The ward of that identity as it is today. Raises InvalidInput where there is none, or it is where one is."""
    path = ("area_id",)
    in_force = Q(valid_to__isnull=True) | Q(valid_to__gt=today)
    area = await Area.filter(in_force, id=area_id, valid_from__lte=today).using_db(connection).first()
    if area is None:
        raise InvalidInput((Fault(path, "UNKNOWN_AREA"),))
    below = Area.filter(in_force, parent_id=area.id, valid_from__lte=today).using_db(connection)
    if await below.exists():
        raise InvalidInput((Fault(path, "NOT_A_WARD"),))
    if area.id == here:
        raise InvalidInput((Fault(path, "SAME_AREA"),))
    stations = Station.filter(area_id=area.id, active=True, kind=StationKind.WARD_STATION)
    station = await stations.using_db(connection).first()
    return Destination(area.id, area.lo, station.id if station else None)


async def move_case(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    case: Case,
    to: Destination,
    now: datetime,
    *,
    counted_there: bool,
) -> list[Alert]:
    """Moves the case and all its rows, with the cases that rest in it; the alerts that are not resolved, in order.

    In the service's transaction, for a row that leaves a ward is in nobody's range; the caller has narrowed the case,
    locked it and taken the act. `counted_there` is for a report that was the other ward's from the start: its figures
    go along, day by day, but for what was counted in a third ward before the case was handed over to here. Otherwise
    only what is now goes along, and what was counted stays counted here.

    An alert that somebody here has taken and not resolved is raised again: whoever took it has given the person away.
    The caller tells the log with `tell_moved`, last of all.
    """
    ids = await with_merged(connection, [case.id])
    declarations = await Declaration.filter(case_id__in=ids).order_by("id").select_for_update().using_db(connection)
    found = Alert.filter(case_id__in=ids).order_by("id").select_for_update().using_db(connection)
    alerts = await found
    came = await _came(connection, ids) if counted_there else {}

    def counted(case_id: UUID, at: datetime | None) -> bool:
        """Whether what was counted at that moment goes along."""
        return counted_there and (case_id not in came or (at is not None and at > came[case_id]))

    changes = _case_changes(runtime, case, to, now, counted(case.id, case.contacted_at))
    for declaration in declarations:
        there = counted(declaration.case_id, declaration.submitted_at)
        changes += _declaration_changes(runtime, declaration, to, now, there)
    unresolved = [alert for alert in alerts if alert.state != AlertState.RESOLVED]
    reports = {declaration.id for declaration in declarations}
    for alert in alerts:
        # One that came with a duplicate was counted with that report, which stays: this ward may never have had it.
        there = alert.declaration_id in reports and counted(alert.case_id, alert.raised_at)
        changes += _alert_changes(runtime, alert, to, now, there)
    for alert in unresolved:
        await _carry(runtime, connection, alert, to, now)
    for table, placed in case_tables():
        where = "area_no = $2, area_id = $3, station_id = $4" if placed else "area_no = $2"
        values = [ids, to.area_no, to.area_id, to.station_id] if placed else [ids, to.area_no]
        await connection.execute_query(f"UPDATE {table} SET {where} WHERE case_id = ANY($1::uuid[])", values)
    resting = [id for id in ids if id != case.id]
    place = {"area_id": to.area_id, "area_no": to.area_no, "station_id": to.station_id}
    await Case.filter(id__in=resting).using_db(connection).update(**place)
    await connection.execute_query(_SUBMISSIONS, [ids, to.area_id, to.area_no, to.station_id])
    case.update_from_dict(place)
    case.claimed_by = case.claimed_until = None
    await save_case(connection, case, *place)
    await add_counts(connection, changes)
    return unresolved


async def tell_moved(
    runtime: Runtime, connection: AsyncpgDBClient, alerts: Sequence[Alert], now: datetime, account_id: UUID | None
) -> Moved:
    """Calls whoever is on duty where the open alerts stand now, and writes all of them to the log. Call it last."""
    if not alerts:
        return Moved(False, False)
    told = await told_of(runtime, connection, alerts)
    raised = [alert for alert in alerts if alert.state == AlertState.RAISED]
    climbed = [alert for alert in alerts if alert.state != AlertState.RAISED]
    written = False
    if climbed:
        # Those who were called above the other ward's station may be others than those above this one's.
        places = [Place(alert.area_no, alert.station_id) for alert in climbed]
        if found := await who_is_there(runtime, connection, places):
            calls = [Call(told[one.id], place, (one.level,)) for one, place in zip(climbed, places, strict=True)]
            written = await write_letters(runtime, connection, found, calls, now)
        await log.append(connection, [alert.id for alert in climbed], AlertChange.CARRIED, now, account_id)
    if raised:
        again = [
            Raised(
                told[one.id],
                Place(one.area_no, one.station_id),
                one.level,
                one.protocol,
                one.counted_from or one.raised_at,
            )
            for one in raised
        ]
        written |= await call_out(runtime, connection, again, AlertChange.CARRIED, now)
    return Moved(True, written)


async def open_to_station(
    connection: AsyncpgDBClient, case_id: UUID, station_id: str | None, kind: GrantKind, now: datetime
) -> None:
    """Opens the case to a station that it does not lie with; nothing where the ward has none."""
    if station_id is not None:
        await connection.execute_query(_GRANT, [uuid7(), case_id, f"station:{station_id}", kind.value, now])


async def close_to_station(connection: AsyncpgDBClient, case_id: UUID, station_id: str | None, now: datetime) -> None:
    """Ends what a station was shown of the case as its sender or receiver; not what a hospital was shown."""
    if station_id is not None:
        kinds = [GrantKind.SENDER.value, GrantKind.RECEIVER.value]
        await connection.execute_query(_END_GRANT, [case_id, f"station:{station_id}", kinds, now])


async def _came(connection: AsyncpgDBClient, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these cases was last handed over to where it lies; none that never was."""
    _, rows = await connection.execute_query(_CAME, [list(ids)])
    return {row["id"]: row["at"] for row in rows}


async def _carry(runtime: Runtime, connection: AsyncpgDBClient, alert: Alert, to: Destination, now: datetime) -> None:
    if alert.state == AlertState.ACKNOWLEDGED:
        alert.state = AlertState(ALERT.target("RAISE_AGAIN", alert.state))
        alert.acknowledged_by = alert.acknowledged_at = alert.call_at = None
        alert.counted_from = now
        protocol = runtime.protocols.version(alert.protocol)
        alert.due_at = now + protocol.response_due(alert.kind, alert.danger, Level.STATION)
    if alert.state == AlertState.RAISED:
        # A ward without a station has nobody to reach there; and one that has hears of it first.
        alert.level = Level.STATION if to.station_id else Level.MEDICAL_CENTRE
    alert.area_id, alert.area_no, alert.station_id = to.area_id, to.area_no, to.station_id
    alert.version += 1
    await alert.save(using_db=connection)


def _case_changes(
    runtime: Runtime, case: Case, to: Destination, now: datetime, counted_there: bool
) -> list[CountChange]:
    now_there = replace(
        _at(runtime, to, case.disease, now),
        active=int(case.state in ACTIVE),
        hospitalised=int(case.state == CaseState.HOSPITALISED),
    )
    changes = _both(now_there, case.area_id, case.area_no)
    if counted_there and case.contacted_at is not None:
        day = runtime.clock.day(case.contacted_at)
        there = replace(_at(runtime, to, case.disease, now), day=day, contacted=1, acted_at=None)
        changes += _both(there, case.area_id, case.area_no)
    return changes


def _declaration_changes(
    runtime: Runtime, row: Declaration, to: Destination, now: datetime, counted_there: bool
) -> list[CountChange]:
    waiting = int(row.state in WAITING_DECLARATION_STATES)
    changes = _both(replace(_at(runtime, to, row.disease, now), pending=waiting), row.area_id, row.area_no)
    if counted_there:
        figures = replace(
            _at(runtime, to, row.disease, now),
            day=row.day,
            declared=1,
            severe=int(row.severe),
            high_risk=int(row.high_risk),
            acted_at=None,
        )
        changes += _both(figures, row.area_id, row.area_no)
    return changes


def _alert_changes(
    runtime: Runtime, alert: Alert, to: Destination, now: datetime, counted_there: bool
) -> list[CountChange]:
    there = _at(runtime, to, alert.disease, now)
    left, came = alert.state in OPEN_ALERT_STATES, alert.state != AlertState.RESOLVED
    changes = [
        replace(there, open_alerts=int(came)),
        replace(there, area_id=alert.area_id, area_no=alert.area_no, open_alerts=-int(left)),
    ]
    if counted_there:
        figure = replace(there, day=runtime.clock.day(alert.raised_at), alerts=1, acted_at=None)
        changes += _both(figure, alert.area_id, alert.area_no)
    return changes


def _at(runtime: Runtime, to: Destination, disease: str, now: datetime) -> CountChange:
    return CountChange(to.area_id, to.area_no, disease, runtime.clock.day(now), acted_at=now)


def _both(there: CountChange, from_id: str, from_no: int) -> list[CountChange]:
    """The same that one ward gains, and the other loses."""
    names = ("declared", "severe", "high_risk", "active", "hospitalised", "pending", "contacted", "alerts")
    lost = {name: -getattr(there, name) for name in names}
    return [there, replace(there, area_id=from_id, area_no=from_no, **lost)]
