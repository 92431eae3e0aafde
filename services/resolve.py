"""Resolving: what came of an alert that somebody had taken."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from alerts import log
from models.alert import Alert
from models.case import Case
from models.database import staff_transaction
from models.state import AlertChange, AlertState, Outcome
from services.count_change import CountChange, add_counts
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.lifecycle import ALERT

NOTE_LENGTH = 2_000
REACHED = frozenset({Outcome.ADVISED, Outcome.DISPENSED, Outcome.VISITED, Outcome.REFERRED})
"""The outcomes that mean that somebody spoke with the person: the case then counts as contacted."""


async def resolve(runtime: Runtime, actor: Actor, alert_id: UUID, outcome: Outcome, note: str | None = None) -> Alert:
    """Closes an acknowledged alert with its outcome; the same outcome again is the same answer.

    Raises Conflict (WRONG_STATE) where nobody has acknowledged it yet or it has another outcome already, InvalidInput
    for a note that is too long, NotFound outside the jurisdiction.
    """
    if not may(actor, Action.RESOLVE_ALERT):
        raise NotFound
    if note is not None and (faults := tuple(text_faults(("note",), note, NOTE_LENGTH))):
        raise InvalidInput(faults)
    async with staff_transaction(bounds_of(actor)) as connection:
        named = visible(actor, Alert, connection).filter(id=alert_id)
        # The case before its alerts, as whoever reports for it does: else the two would wait for each other.
        for case_id in await named.values_list("case_id", flat=True):
            await Case.filter(id=case_id).select_for_update().using_db(connection)
        alert = await named.select_for_update().first()
        if alert is None:
            raise NotFound
        if alert.state == AlertState.RESOLVED and alert.outcome == outcome and alert.resolved_by == actor.account_id:
            return alert
        if alert.state != AlertState.ACKNOWLEDGED:
            values: dict[str, object] = {"state": alert.state.value, "allowed": ALERT.allowed(alert.state)}
            raise Conflict("WRONG_STATE", Current("ALERT", alert.id), values)
        now = runtime.clock.now()
        alert.state, alert.outcome, alert.resolved_by, alert.resolved_at = (
            AlertState.RESOLVED,
            outcome,
            actor.account_id,
            now,
        )
        alert.note = runtime.sealer.seal(f"alert:{alert.id}", {"note": note}) if note else None
        alert.version += 1
        await alert.save(
            using_db=connection, update_fields=["state", "outcome", "resolved_by", "resolved_at", "note", "version"]
        )
        first_contact = 0
        if outcome in REACHED:
            first_contact = await (
                Case.filter(id=alert.case_id, contacted_at=None).using_db(connection).update(contacted_at=now)
            )
        day = runtime.clock.day(now)
        await add_counts(
            connection,
            [CountChange(alert.area_id, alert.area_no, alert.disease, day, contacted=first_contact, acted_at=now)],
        )
        await record(
            connection,
            actor,
            "resolve_alert",
            now,
            [str(alert.id)],
            area_no=alert.area_no,
            detail={"outcome": outcome.value},
        )
        await log.append(connection, [alert.id], AlertChange.RESOLVED, now, actor.account_id)
    runtime.hub.wake()
    return alert
