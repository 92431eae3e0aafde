"""Escalating: whoever did not answer in time is passed over, level by level, until somebody does.

The timers are rows: each process looks every second, any of them takes what is due, and a process that dies with one in
its hands lets go of it. It runs as the service, because nobody's jurisdiction holds what nobody has answered.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from alerts import log
from alerts.log import Step
from models.alert import Alert
from models.database import service_connection, service_transaction
from models.state import OPEN_ALERT_STATES, AlertChange, AlertState, Level
from services.call_out import Call, Move, Raised, call_out, move, told_of, who_is_there, write_letters
from services.count_change import CountChange, add_counts
from services.on_duty import Place
from services.runtime import Runtime
from triage.escalation import Escalation, escalate, jumped_back

_BATCH = 200

# Most dangerous first, and no one waits for another process that has the same alert in its hands.
_DUE = """
SELECT id FROM alert WHERE state IN ('RAISED', 'ESCALATED') AND coalesce(call_at, due_at) <= $1
ORDER BY rank, coalesce(call_at, due_at), id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_UNRESOLVED = """
SELECT id FROM alert WHERE state = 'ACKNOWLEDGED' AND call_at <= $1
ORDER BY rank, call_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_AHEAD = """
SELECT id FROM alert WHERE state IN ('RAISED', 'ESCALATED') AND coalesce(counted_from, raised_at) > $1
ORDER BY rank, id LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def escalate_due(runtime: Runtime) -> int:
    """Calls the next level for each alert whose time has passed, reminds the top, and raises again what was taken and
    never resolved. Returns how many alerts it moved.
    """
    moved = 0
    for take in (_climb, _raise_again):
        while found := await take(runtime):
            moved += found
            runtime.hub.wake()
            if found < _BATCH:
                break
    return moved


async def recount_after_jump(runtime: Runtime) -> int:
    """Counts anew from now the times of open alerts that lie ahead of a clock that was set back.

    Otherwise each of them would wait for as long as the clock was wrong. Returns how many there were.
    """
    now = runtime.clock.now()
    ahead = await Alert.filter(raised_at__gt=now, state__in=OPEN_ALERT_STATES).using_db(service_connection()).exists()
    if not ahead:
        return 0
    async with service_transaction() as connection:
        alerts = [alert for alert in await _locked(connection, _AHEAD, now) if jumped_back(_since(alert), now)]
        for alert in alerts:
            protocol = runtime.protocols.version(alert.protocol)
            alert.counted_from = now
            alert.call_at = now + protocol.response_due(alert.kind, alert.danger, alert.level)
            alert.due_at = now + protocol.response_due(alert.kind, alert.danger, Level.STATION)
            alert.version += 1
            await alert.save(using_db=connection, update_fields=["counted_from", "call_at", "due_at", "version"])
        return len(alerts)


async def _climb(runtime: Runtime) -> int:
    now = runtime.clock.now()
    async with service_transaction() as connection:
        alerts = await _locked(connection, _DUE, now)
        due: list[tuple[Alert, Escalation]] = []
        for alert in alerts:
            protocol = runtime.protocols.version(alert.protocol)
            step = escalate(protocol, alert.kind, alert.danger, alert.level, _since(alert), now)
            if step is None:
                # Its timer stood too early, as that of an alert raised by another protocol's times may.
                call_at = _since(alert) + protocol.response_due(alert.kind, alert.danger, alert.level)
                await Alert.filter(id=alert.id).using_db(connection).update(call_at=call_at)
            else:
                due.append((alert, step))
        written = await _call(runtime, connection, due, now) if due else False
    if written:
        runtime.wake_relay()
    return len(alerts)


async def _call(
    runtime: Runtime, connection: AsyncpgDBClient, due: Sequence[tuple[Alert, Escalation]], now: datetime
) -> bool:
    """Takes each to the levels that it climbs through, calls everybody there, and writes it to the log."""
    found = await who_is_there(runtime, connection, [_place(alert) for alert, _ in due])
    told = await told_of(runtime, connection, [alert for alert, _ in due]) if found else {}
    moves: list[Move] = []
    steps: list[Step] = []
    calls: list[Call] = []
    for alert, step in due:
        climbed, call_at = step.levels, step.call_at
        if found and climbed and (further := found.climb(_place(alert), climbed[-1])):
            climbed += further
            protocol = runtime.protocols.version(alert.protocol)
            call_at = _since(alert) + protocol.response_due(alert.kind, alert.danger, climbed[-1])
        # One level after another, so that each has its event: whoever is called in between hears of it too.
        steps += [Step(alert.id, AlertChange.ESCALATED, AlertState.ESCALATED, level) for level in climbed]
        if not climbed:
            steps.append(Step(alert.id, AlertChange.REMINDED, AlertState.ESCALATED, alert.level))
        moves.append(Move(alert.id, climbed[-1] if climbed else None, call_at))
        if found:
            calls.append(Call(told[alert.id], _place(alert), climbed or (alert.level,)))
    await move(connection, moves)
    written = await write_letters(runtime, connection, found, calls, now) if found else False
    await log.append_steps(connection, steps, now)
    return written


async def _raise_again(runtime: Runtime) -> int:
    now = runtime.clock.now()
    async with service_transaction() as connection:
        alerts = await _locked(connection, _UNRESOLVED, now)
        for alert in alerts:
            protocol = runtime.protocols.version(alert.protocol)
            alert.state, alert.acknowledged_by, alert.acknowledged_at = AlertState.RAISED, None, None
            alert.level = Level.STATION if alert.station_id else Level.MEDICAL_CENTRE
            alert.counted_from, alert.call_at = now, None
            alert.due_at = now + protocol.response_due(alert.kind, alert.danger, alert.level)
            alert.version += 1
            await alert.save(using_db=connection)
        day = runtime.clock.day(now)
        await add_counts(connection, [CountChange(a.area_id, a.area_no, a.disease, day, open_alerts=1) for a in alerts])
        written = False
        if alerts:
            told = await told_of(runtime, connection, alerts)
            again = [Raised(told[a.id], _place(a), a.level, a.protocol, now) for a in alerts]
            written = await call_out(runtime, connection, again, AlertChange.RAISED_AGAIN, now)
    if written:
        runtime.wake_relay()
    return len(alerts)


def _place(alert: Alert) -> Place:
    return Place(alert.area_no, alert.station_id)


def _since(alert: Alert) -> datetime:
    return alert.counted_from or alert.raised_at


async def _locked(connection: AsyncpgDBClient, statement: str, now: datetime) -> list[Alert]:
    _, rows = await connection.execute_query(statement, [now, _BATCH])
    ids = [row["id"] for row in rows]
    found: dict[UUID, Alert] = {alert.id: alert for alert in await Alert.filter(id__in=ids).using_db(connection)}
    return [found[id] for id in ids]
