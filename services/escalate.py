"""Escalating: whoever did not answer in time is passed over, level by level, until somebody does.

The timers are rows: each process looks every second, any of them takes what is due, and a process that dies with one in
its hands lets go of it. It runs as the service, because nobody's jurisdiction holds what nobody has answered.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from alerts import log
from models.alert import Alert
from models.database import service_connection, service_transaction
from models.state import OPEN_ALERT_STATES, AlertChange, AlertState, Level
from services.count_change import CountChange, add_counts
from services.runtime import Runtime
from triage.escalation import escalate, jumped_back

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
_MOVE = """
UPDATE alert SET state = 'ESCALATED', level = coalesce(m.level, alert.level), call_at = m.call_at,
  version = version + 1
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS m (id, level, call_at) WHERE alert.id = m.id
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
        called: list[tuple[list[str], datetime, Alert]] = []
        for alert in alerts:
            protocol = runtime.protocols.version(alert.protocol)
            step = escalate(protocol, alert.kind, alert.danger, alert.level, _since(alert), now)
            if step is None:
                # Its timer stood too early, as that of an alert raised by another protocol's times may.
                due = protocol.response_due(alert.kind, alert.danger, alert.level)
                await Alert.filter(id=alert.id).using_db(connection).update(call_at=_since(alert) + due)
            else:
                called.append((list(step.levels), step.call_at, alert))
        # One level after another, so that each has its event: whoever is called in between hears of it too.
        reminded = [(alert.id, None, call_at) for levels, call_at, alert in called if not levels]
        for height in range(max((len(levels) for levels, _, _ in called), default=0)):
            climbing = [
                (alert.id, levels[height], call_at) for levels, call_at, alert in called if len(levels) > height
            ]
            await _move(connection, climbing)
            await log.append(connection, [id for id, _, _ in climbing], AlertChange.ESCALATED, now)
        if reminded:
            await _move(connection, reminded)
            await log.append(connection, [id for id, _, _ in reminded], AlertChange.REMINDED, now)
    return len(alerts)


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
        if alerts:
            await log.append(connection, [alert.id for alert in alerts], AlertChange.RAISED_AGAIN, now)
    return len(alerts)


def _since(alert: Alert) -> datetime:
    return alert.counted_from or alert.raised_at


async def _locked(connection: AsyncpgDBClient, statement: str, now: datetime) -> list[Alert]:
    _, rows = await connection.execute_query(statement, [now, _BATCH])
    ids = [row["id"] for row in rows]
    found: dict[UUID, Alert] = {alert.id: alert for alert in await Alert.filter(id__in=ids).using_db(connection)}
    return [found[id] for id in ids]


async def _move(connection: AsyncpgDBClient, moves: Sequence[tuple[UUID, str | None, datetime]]) -> None:
    columns: list[Any] = [list(column) for column in zip(*moves, strict=True)] if moves else [[], [], []]
    await connection.execute_query(_MOVE, columns)
