"""Calling out: a text to everybody on duty where an alert calls, and a level up at once where nobody can be reached."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from alerts import log
from alerts.log import Step
from alerts.outbox import Letter, put_all
from alerts.wording import Detail
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.state import AlertChange, AlertState
from services.alert_letter import Told, addressed, alert_letter
from services.on_duty import Place, Reach, reach
from services.runtime import Runtime

_MOVE = """
UPDATE alert SET state = 'ESCALATED', level = coalesce(m.level, alert.level), call_at = m.call_at,
  version = version + 1
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS m (id, level, call_at) WHERE alert.id = m.id
"""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Move:
    """Where an unanswered alert goes, None where it stays, and when it is looked at again."""

    id: UUID
    level: str | None
    call_at: datetime


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that was just raised, or raised again: where it stands, and since when its times count."""

    told: Told
    place: Place
    level: str
    protocol: str
    since: datetime
    at: datetime | None = None
    """When it was raised, where that is another moment than the others'."""


@dataclass(frozen=True, slots=True)
class Call:
    """An alert, and the levels that are called to it."""

    told: Told
    place: Place
    levels: Collection[str]


async def who_is_there(runtime: Runtime, connection: AsyncpgDBClient, places: Sequence[Place]) -> Reach | None:
    """Who can be reached for these places now; None where the installation keeps no rosters."""
    at = runtime.clock.now().astimezone(runtime.clock.zone())
    return await reach(connection, runtime.no_rosters, places, at)


async def call_out(
    runtime: Runtime, connection: AsyncpgDBClient, raised: Sequence[Raised], change: AlertChange, now: datetime
) -> bool:
    """Calls whoever is on duty where each of these alerts stands, and writes what happened to the log.

    Where nobody can be reached, it climbs at once to where somebody can, or to the top. Whether a text was written:
    then the caller wakes the relay after the commit. Call it last: it ends with the log's lock.
    """
    found = await who_is_there(runtime, connection, [one.place for one in raised])
    if found is None:
        await log.append(connection, [one.told.id for one in raised], change, [one.at or now for one in raised])
        return False
    steps: list[Step] = []
    moments: list[datetime] = []
    moves: list[Move] = []
    calls: list[Call] = []
    for one in raised:
        told, climbed = one.told, found.climb(one.place, one.level)
        steps.append(Step(told.id, change, AlertState.RAISED, one.level))
        steps += [Step(told.id, AlertChange.ESCALATED, AlertState.ESCALATED, level) for level in climbed]
        moments += [one.at or now] * (1 + len(climbed))
        calls.append(Call(told, one.place, (climbed or (one.level,))[-1:]))
        if climbed:
            protocol = runtime.protocols.version(one.protocol)
            due = protocol.response_due(told.kind, told.danger, climbed[-1])
            moves.append(Move(told.id, climbed[-1], one.since + due))
    await move(connection, moves)
    written = await write_letters(runtime, connection, found, calls, now)
    await log.append_steps(connection, steps, moments)
    return written


async def move(connection: AsyncpgDBClient, moves: Sequence[Move]) -> None:
    """Marks alerts as escalated, at the level where they then are."""
    if not moves:
        return
    columns: list[Any] = [[one.id for one in moves], [one.level for one in moves], [one.call_at for one in moves]]
    await connection.execute_query(_MOVE, columns)


async def write_letters(
    runtime: Runtime, connection: AsyncpgDBClient, found: Reach, calls: Sequence[Call], now: datetime
) -> bool:
    """Writes a text to each person who is called; whether there was anybody."""
    letters: list[Letter] = []
    for call in calls:
        text: Letter | None = None
        for level in call.levels:
            for person in found.people(call.place, level):
                name = f"duty:{person.id}"
                try:
                    to = str(runtime.sealer.open(name, person.sealed)["phone"])
                except UnsealError:
                    # One row that does not open must not undo a declaration, nor keep the others from being called.
                    logger.warning("duty_not_opened", duty=str(person.id))
                    continue
                # Put into words once for all who are called: that takes longer than all else here.
                text = text or alert_letter(runtime, call.told, to)
                letters.append(addressed(text, call.told, to, name, person.quiet))
    if letters:
        await put_all(connection, runtime.sealer, letters, now)
    return bool(letters)


async def told_of(runtime: Runtime, connection: AsyncpgDBClient, alerts: Sequence[Alert]) -> dict[UUID, Told]:
    """These alerts as a text tells of them: with the ward, and with the ill person where the setting lets that out."""
    areas = await Area.filter(id__in={alert.area_id for alert in alerts}).using_db(connection)
    wards = {area.id: area.name for area in areas}
    people: dict[UUID, dict[str, Any]] = {}
    if runtime.wording.detail & {Detail.NAME, Detail.PHONE}:
        # Everybody's case: nobody is shown it here but whoever has to call the person, if the installation wants that.
        for case in await Case.filter(id__in={alert.case_id for alert in alerts}).using_db(connection):
            people[case.id] = _identity(runtime, case)
    return {
        alert.id: Told(
            alert.id,
            alert.kind,
            alert.danger,
            alert.rank,
            alert.due_at,
            wards.get(alert.area_id),
            people.get(alert.case_id, {}).get("name"),
            people.get(alert.case_id, {}).get("phone"),
        )
        for alert in alerts
    }


def _identity(runtime: Runtime, case: Case) -> dict[str, Any]:
    if not case.identity:
        return {}
    try:
        return dict(runtime.sealer.open(f"case:{case.id}", case.identity))
    except UnsealError:
        return {}
