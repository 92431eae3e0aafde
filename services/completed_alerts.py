"""The alerts that a completed report raises, or raises up: only where it is worse than what was known."""

from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.alert import Alert
from models.case import Case
from models.declaration import Declaration
from models.identifier import uuid7
from models.state import OPEN_ALERT_STATES, AlertKind, AlertState, Danger, Level
from services.check_in_alerts import Calls
from triage.assessment import Assessment
from triage.lifecycle import ALERT
from triage.protocol import Protocol
from triage.worsening import HIGH_RISK, rank_of


async def alerts_of_completed(
    connection: AsyncpgDBClient,
    case: Case,
    declaration: Declaration,
    found: Assessment,
    protocol: Protocol,
    now: datetime,
) -> Calls:
    """Writes what follows from a report that was completed; the caller has locked the case, and not changed it yet.

    By the rule of a second report of the same case: severe where it was not, or more dangerous than it was. While an
    alert of the kind is not resolved it is raised up rather than joined by a second: one person, one call. What is
    milder than before takes nothing back: the station has been called, and hears from the person what is true.
    """
    calls = Calls()
    unresolved = Alert.filter(case_id=case.id).exclude(state=AlertState.RESOLVED).using_db(connection)
    alerts = await unresolved.order_by("id").select_for_update()
    rank = rank_of(found)
    if found.severe and (not case.severe or rank < case.rank):
        severe = [alert for alert in alerts if alert.kind == AlertKind.SEVERE]
        standing = min(severe, key=lambda one: one.rank, default=None)
        danger = Danger(str(found.danger))
        if standing is None:
            calls.raised.append(await _raise(connection, case, declaration, AlertKind.SEVERE, found, protocol, now))
        else:
            if standing.state not in OPEN_ALERT_STATES:
                calls.reopened.append(standing)
            await _raise_up(connection, standing, found, danger, rank, protocol, now)
            calls.worsened.append(standing)
    if found.high_risk and not case.high_risk and all(alert.kind != AlertKind.HIGH_RISK for alert in alerts):
        calls.raised.append(await _raise(connection, case, declaration, AlertKind.HIGH_RISK, found, protocol, now))
    return calls


async def _raise(
    connection: AsyncpgDBClient,
    case: Case,
    declaration: Declaration,
    kind: AlertKind,
    found: Assessment,
    protocol: Protocol,
    now: datetime,
) -> Alert:
    danger = Danger(str(found.danger)) if kind is AlertKind.SEVERE else None
    return await Alert.create(
        using_db=connection,
        id=uuid7(),
        case_id=case.id,
        declaration_id=declaration.id,
        kind=kind,
        danger=danger,
        rank=rank_of(found) if kind is AlertKind.SEVERE else HIGH_RISK,
        disease=case.disease,
        area_id=case.area_id,
        area_no=case.area_no,
        station_id=case.station_id,
        verified=declaration.verified,
        protocol=protocol.version,
        reasons=_reasons(found),
        state=AlertState.RAISED,
        level=_first_level(case.station_id),
        raised_at=now,
        due_at=now + protocol.response_due(kind, danger, Level.STATION),
    )


async def _raise_up(
    connection: AsyncpgDBClient,
    alert: Alert,
    found: Assessment,
    danger: Danger,
    rank: int,
    protocol: Protocol,
    now: datetime,
) -> None:
    """Calls the station anew, as if it were raised now; one that was due earlier stays so."""
    due_at = now + protocol.response_due(alert.kind, danger, Level.STATION)
    alert.due_at = min(alert.due_at, due_at) if alert.state in OPEN_ALERT_STATES else due_at
    alert.state = AlertState(ALERT.target("WORSEN", alert.state))
    alert.danger, alert.rank, alert.protocol = danger, rank, protocol.version
    alert.acknowledged_by = alert.acknowledged_at = None
    alert.level = _first_level(alert.station_id)
    alert.counted_from = now
    alert.call_at = now + protocol.response_due(alert.kind, danger, alert.level)
    said = _reasons(found)
    codes = {code for code, _ in said}
    alert.reasons = [*said, *([code, value] for code, value in alert.reasons if code not in codes)]
    alert.version += 1
    await alert.save(using_db=connection)


def _reasons(found: Assessment) -> list[list[str | None]]:
    return [[reason.code, reason.value] for reason in found.reasons]


def _first_level(station_id: str | None) -> Level:
    # A ward without a station has nobody to reach there: its medical centre is called from the start.
    return Level.STATION if station_id else Level.MEDICAL_CENTRE
