"""The alerts that a check-in raises, raises up, and makes superfluous."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from alerts import log
from models.alert import Alert
from models.case import Case
from models.check_in import CheckIn
from models.identifier import uuid7
from models.state import OPEN_ALERT_STATES, AlertChange, AlertKind, AlertState, Danger, Level, Outcome
from services.call_out import Raised, call_out, told_of
from services.count_change import CountChange
from services.merged_cases import with_merged
from services.on_duty import Place
from services.resolve import REACHED
from services.runtime import Runtime
from triage.assessment import Assessment
from triage.lifecycle import ALERT
from triage.protocol import Protocol
from triage.worsening import HIGH_RISK, NEITHER, Called, calls_again, rank_of


@dataclass(slots=True)
class Calls:
    """What a check-in does to the alerts of its case; `announce` tells it, last of all."""

    raised: list[Alert] = field(default_factory=list)
    worsened: list[Alert] = field(default_factory=list)
    reopened: list[Alert] = field(default_factory=list)
    """Those of `worsened` that somebody had taken."""
    quieted: list[Alert] = field(default_factory=list)

    @property
    def opened(self) -> int:
        """How many more are open than before."""
        return len(self.raised) + len(self.reopened) - len(self.quieted)

    def counted(self, day: date, acted_at: datetime | None) -> list[CountChange]:
        """What the counters of the alerts' wards gain and lose."""
        steps = [(1, 1, self.raised), (0, 1, self.reopened), (0, -1, self.quieted)]
        return [
            CountChange(
                one.area_id, one.area_no, one.disease, day, alerts=raised, open_alerts=opened, acted_at=acted_at
            )
            for raised, opened, alerts in steps
            for one in alerts
        ]

    def __bool__(self) -> bool:
        return bool(self.raised or self.worsened or self.quieted)


async def judge_alerts(
    connection: AsyncpgDBClient,
    case: Case,
    check_in: CheckIn,
    found: Assessment,
    protocol: Protocol,
    declaration_id: UUID,
    last_rank: int,
) -> Calls:
    """Writes what follows from a check-in, in its transaction; the caller has locked the case, and not changed it yet.

    `declaration_id` is the report that it was judged with, `last_rank` where the report before it stood.

    A SEVERE alert calls where the person is worse than what a station knows (`triage.worsening` says when). What a
    station knows are the alerts that it has been called to, but for those where it reached nobody or that were no
    real ones. While one is not resolved it is raised up rather than joined by a second: one person, one call. That
    holds for those of the cases that were merged into this one, too.
    """
    calls = Calls()
    family = await with_merged(connection, [case.id])
    alerts = await Alert.filter(case_id__in=family).order_by("id").select_for_update().using_db(connection)
    severe = [one for one in alerts if one.kind == AlertKind.SEVERE]
    known = [one for one in severe if one.state != AlertState.RESOLVED or one.outcome in REACHED]
    if calls_again(found, Called.of((one.rank, one.reasons) for one in known), last_rank, protocol):
        unresolved = [one for one in severe if one.state != AlertState.RESOLVED]
        standing = min(unresolved, key=lambda one: one.rank, default=None)
        danger, rank = Danger(str(found.danger)), rank_of(found)
        if standing is None:
            kind = AlertKind.SEVERE
            raised = await _raise(connection, case, check_in, kind, danger, rank, protocol, declaration_id)
            calls.raised.append(raised)
        elif standing.state in OPEN_ALERT_STATES and standing.rank == rank:
            await _add_signs(connection, standing, check_in)
        else:
            if standing.state not in OPEN_ALERT_STATES:
                calls.reopened.append(standing)
            await _raise_up(connection, standing, check_in, danger, rank, protocol)
            calls.worsened.append(standing)
    at_risk = [one for one in alerts if one.kind == AlertKind.HIGH_RISK and one.state != AlertState.RESOLVED]
    if found.high_risk and not case.high_risk and not at_risk:
        kind = AlertKind.HIGH_RISK
        raised = await _raise(connection, case, check_in, kind, None, HIGH_RISK, protocol, declaration_id)
        calls.raised.append(raised)
    for alert in alerts:
        # Nobody needs to call any more because nothing was heard; who has taken it already brings it to its end.
        if alert.kind == AlertKind.MISSED_CHECK_IN and alert.state in OPEN_ALERT_STATES:
            await _quiet(connection, alert, check_in)
            calls.quieted.append(alert)
    return calls


async def raise_missed(
    connection: AsyncpgDBClient, case: Case, protocol: Protocol, declaration_id: UUID, now: datetime
) -> Alert:
    """Writes the alert that somebody has stopped reporting; the caller counts and announces it."""
    return await _write(
        connection, case, AlertKind.MISSED_CHECK_IN, None, NEITHER, [], protocol, declaration_id, None, now
    )


async def announce(
    runtime: Runtime, connection: AsyncpgDBClient, calls: Calls, now: datetime, account_id: UUID | None = None
) -> bool:
    """Calls whoever is on duty and writes the log; whether a text was written. Call it last, for the log's lock."""
    written = False
    for alerts, change in ((calls.raised, AlertChange.RAISED), (calls.worsened, AlertChange.WORSENED)):
        if alerts:
            written |= await call_out(runtime, connection, await _told(runtime, connection, alerts, now), change, now)
    if calls.quieted:
        await log.append(connection, [one.id for one in calls.quieted], AlertChange.RESOLVED, now, account_id)
    return written


async def _told(runtime: Runtime, connection: AsyncpgDBClient, alerts: Sequence[Alert], now: datetime) -> list[Raised]:
    told = await told_of(runtime, connection, alerts)
    return [Raised(told[one.id], Place(one.area_no, one.station_id), one.level, one.protocol, now) for one in alerts]


async def _raise(
    connection: AsyncpgDBClient,
    case: Case,
    check_in: CheckIn,
    kind: AlertKind,
    danger: Danger | None,
    rank: int,
    protocol: Protocol,
    declaration_id: UUID,
) -> Alert:
    reasons, id, at = check_in.reasons, check_in.id, check_in.at
    return await _write(connection, case, kind, danger, rank, reasons, protocol, declaration_id, id, at)


async def _write(
    connection: AsyncpgDBClient,
    case: Case,
    kind: AlertKind,
    danger: Danger | None,
    rank: int,
    reasons: list[list[str | None]],
    protocol: Protocol,
    declaration_id: UUID,
    check_in_id: UUID | None,
    now: datetime,
) -> Alert:
    return await Alert.create(
        using_db=connection,
        id=uuid7(),
        case_id=case.id,
        declaration_id=declaration_id,
        kind=kind,
        danger=danger,
        rank=rank,
        disease=case.disease,
        area_id=case.area_id,
        area_no=case.area_no,
        station_id=case.station_id,
        verified=case.verified,
        protocol=protocol.version,
        reasons=reasons,
        state=AlertState.RAISED,
        level=_first_level(case.station_id),
        raised_at=now,
        due_at=now + protocol.response_due(kind, danger, Level.STATION),
        check_in_id=check_in_id,
    )


async def _raise_up(
    connection: AsyncpgDBClient, alert: Alert, check_in: CheckIn, danger: Danger, rank: int, protocol: Protocol
) -> None:
    """Calls the station anew, as if it were raised now; one that was due earlier stays so."""
    now = check_in.at
    due_at = now + protocol.response_due(alert.kind, danger, Level.STATION)
    alert.due_at = min(alert.due_at, due_at) if alert.state in OPEN_ALERT_STATES else due_at
    alert.state = AlertState(ALERT.target("WORSEN", alert.state))
    alert.danger, alert.rank, alert.protocol = danger, rank, protocol.version
    alert.acknowledged_by = alert.acknowledged_at = None
    alert.level = _first_level(alert.station_id)
    alert.counted_from = now
    alert.call_at = now + protocol.response_due(alert.kind, danger, alert.level)
    await _add_signs(connection, alert, check_in)


async def _add_signs(connection: AsyncpgDBClient, alert: Alert, check_in: CheckIn) -> None:
    """What is found now comes first; what it was raised for before stays: the station has been called for that, too."""
    now = [code for code, _ in check_in.reasons]
    alert.reasons = [*check_in.reasons, *([code, value] for code, value in alert.reasons if code not in now)]
    alert.check_in_id = check_in.id
    alert.version += 1
    await alert.save(using_db=connection)


async def _quiet(connection: AsyncpgDBClient, alert: Alert, check_in: CheckIn) -> None:
    alert.state = AlertState(ALERT.target("CANCEL", alert.state))
    alert.outcome, alert.resolved_by, alert.resolved_at = Outcome.FALSE_ALARM, check_in.account_id, check_in.at
    alert.check_in_id = check_in.id
    alert.version += 1
    await alert.save(using_db=connection)


def _first_level(station_id: str | None) -> Level:
    # A ward without a station has nobody to reach there: its medical centre is called from the start.
    return Level.STATION if station_id else Level.MEDICAL_CENTRE
