"""Acknowledging: somebody takes an alert, and with it the case's other open alerts."""

from uuid import UUID

from tortoise.expressions import F

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from alerts import log
from models.alert import Alert
from models.database import staff_transaction
from models.state import OPEN_ALERT_STATES, AlertChange, AlertState
from services.count_change import AckTime, CountChange, add_ack_times, add_counts
from services.merged_cases import case_that_goes_on, with_merged
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime


async def acknowledge(runtime: Runtime, actor: Actor, alert_id: UUID) -> list[Alert]:
    """Takes the alert and every other open one of its case: one call to the person answers them all.

    The named alert comes first in the answer. Whoever already has it gets it again. Raises Conflict where somebody else
    was first (ALREADY_ACKNOWLEDGED, with who and when) or it is resolved (WRONG_STATE), NotFound outside the
    jurisdiction.
    """
    if not may(actor, Action.ACKNOWLEDGE_ALERT):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        asked = await visible(actor, Alert, connection).get_or_none(id=alert_id)
        if asked is None:
            raise NotFound
        # All of the case's alerts are locked in one order, so that two who take one each do not wait in a ring.
        # Those of cases that were merged with it too: it is one person who is called.
        person = await with_merged(connection, [await case_that_goes_on(connection, asked.case_id)])
        alerts = await visible(actor, Alert, connection).filter(case_id__in=person).order_by("id").select_for_update()
        asked = next(alert for alert in alerts if alert.id == alert_id)
        if asked.state == AlertState.ACKNOWLEDGED and asked.acknowledged_by == actor.account_id:
            return [asked]
        if asked.state not in OPEN_ALERT_STATES:
            raise taken(asked)
        taking = [alert for alert in alerts if alert.state in OPEN_ALERT_STATES]
        now = runtime.clock.now()
        await (
            Alert.filter(id__in=[alert.id for alert in taking])
            .using_db(connection)
            .update(
                state=AlertState.ACKNOWLEDGED,
                acknowledged_by=actor.account_id,
                acknowledged_at=now,
                # Whoever took it may be called away: what is not resolved by then is raised again.
                call_at=now + runtime.protocols.version(asked.protocol).resolve_within,
                version=F("version") + 1,
            )
        )
        day = runtime.clock.day(now)
        await add_counts(
            connection,
            [
                CountChange(
                    alert.area_id,
                    alert.area_no,
                    alert.disease,
                    day,
                    open_alerts=-1,
                    acknowledged=1,
                    acted_at=now,
                )
                for alert in taking
            ],
        )
        await add_ack_times(
            connection,
            [
                AckTime(
                    alert.area_id,
                    alert.area_no,
                    alert.disease,
                    day,
                    max(0.0, (now - (alert.counted_from or alert.raised_at)).total_seconds()),
                )
                for alert in taking
            ],
        )
        await record(
            connection, actor, "acknowledge_alert", now, [str(alert.id) for alert in taking], area_no=asked.area_no
        )
        await log.append(connection, [alert.id for alert in taking], AlertChange.ACKNOWLEDGED, now, actor.account_id)
    runtime.hub.wake()
    for alert in taking:
        alert.state, alert.acknowledged_by, alert.acknowledged_at = AlertState.ACKNOWLEDGED, actor.account_id, now
        alert.version += 1
    return sorted(taking, key=lambda alert: alert.id != alert_id)


def taken(alert: Alert) -> Conflict:
    """The conflict that tells who has the alert, or that it is over."""
    current = Current("ALERT", alert.id)
    if alert.state == AlertState.ACKNOWLEDGED:
        return Conflict("ALREADY_ACKNOWLEDGED", current, {"account_id": alert.acknowledged_by})
    return Conflict("WRONG_STATE", current, {"state": alert.state.value})
