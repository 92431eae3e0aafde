"""Acknowledging: somebody takes an alert, or many, and with each the case's other open alerts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from access import trail
from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import Line
from access.visible import visible
from alerts import log
from models.alert import Alert
from models.database import staff_transaction
from models.state import OPEN_ALERT_STATES, AlertChange, AlertState
from services.batch import padded
from services.change_cases import at_most
from services.count_change import AckTime, CountChange, add_ack_times, add_counts
from services.merged_cases import families
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime
from triage.lifecycle import ALERT


async def acknowledge(runtime: Runtime, actor: Actor, alert_id: UUID) -> list[Alert]:
    """Takes the alert and every other open one of its case: one call to the person answers them all.

    The named alert comes first in the answer. Whoever already has it gets it again. Raises Conflict where somebody else
    was first (ALREADY_ACKNOWLEDGED, with who and when) or it is resolved (WRONG_STATE), NotFound outside the
    jurisdiction.
    """
    (found,) = await acknowledge_all(runtime, actor, [alert_id])
    if isinstance(found, list):
        return found
    raise found


async def acknowledge_all(
    runtime: Runtime, actor: Actor, alert_ids: Sequence[UUID]
) -> list[list[Alert] | Conflict | NotFound]:
    """Takes those of the alerts that can be taken, in one transaction; what came of each, in the order asked.

    An alert that was taken with another one of its case is there for whoever names it as well. Raises InvalidInput for
    none and for more than 300, NotFound for a role that takes none.
    """
    if not may(actor, Action.ACKNOWLEDGE_ALERT):
        raise NotFound
    at_most(len(alert_ids), "alerts")
    async with staff_transaction(bounds_of(actor)) as connection:
        named = visible(actor, Alert, connection).filter(id__in=padded(alert_ids))
        asked: list[UUID] = [case_id for (case_id,) in await named.values_list("case_id")]
        # Those of cases that were merged with them, too: it is one person who is called.
        family = await families(connection, asked) if asked else {}
        # All of the cases' alerts are locked in one order, so that two who take one each do not wait in a ring.
        locked = visible(actor, Alert, connection).filter(case_id__in=padded(family)).order_by("id").select_for_update()
        alerts = {alert.id: alert for alert in (await locked if asked else ())}
        now = runtime.clock.now()
        found: list[list[Alert] | Conflict | NotFound] = []
        taking: list[Alert] = []
        for alert_id in alert_ids:
            alert = alerts.get(alert_id)
            if alert is None:
                found.append(NotFound())
            elif alert.state == AlertState.ACKNOWLEDGED and alert.acknowledged_by == actor.account_id:
                found.append([alert])
            elif alert.state not in OPEN_ALERT_STATES:
                found.append(taken(alert))
            else:
                person = family[alert.case_id]
                open_ones = [one for one in alerts.values() if family[one.case_id] == person and _open(one)]
                for one in open_ones:
                    one.state, one.acknowledged_by, one.acknowledged_at = AlertState.ACKNOWLEDGED, actor.account_id, now
                    one.version += 1
                taking += open_ones
                found.append(sorted(open_ones, key=lambda one: one.id != alert_id))
        if taking:
            await _take(runtime, actor, connection, taking, now)
    if taking:
        runtime.hub.wake()
    return found


def _open(alert: Alert) -> bool:
    return alert.state in OPEN_ALERT_STATES


async def _take(
    runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, taking: Sequence[Alert], now: datetime
) -> None:
    """Writes that these alerts were taken, with what is counted and the events that tell everybody."""
    for protocol in sorted({alert.protocol for alert in taking}):
        of_protocol = padded(alert.id for alert in taking if alert.protocol == protocol)
        await (
            Alert.filter(id__in=of_protocol)
            .using_db(connection)
            .update(
                state=AlertState.ACKNOWLEDGED,
                acknowledged_by=actor.account_id,
                acknowledged_at=now,
                # Whoever took it may be called away: what is not resolved by then is raised again.
                call_at=now + runtime.protocols.version(protocol).resolve_within,
                version=F("version") + 1,
            )
        )
    day = runtime.clock.day(now)
    places = [(alert.area_id, alert.area_no, alert.disease, day) for alert in taking]
    await add_counts(
        connection, [CountChange(*place, open_alerts=-1, acknowledged=1, acted_at=now) for place in places]
    )
    waited = [max(0.0, (now - (alert.counted_from or alert.raised_at)).total_seconds()) for alert in taking]
    await add_ack_times(connection, [AckTime(*place, seconds) for place, seconds in zip(places, waited, strict=True)])
    of_cases: dict[UUID, list[Alert]] = {}
    for alert in taking:
        of_cases.setdefault(alert.case_id, []).append(alert)
    lines = [
        Line(actor, "acknowledge_alert", now, [str(one.id) for one in ones], area_no=ones[0].area_no)
        for ones in of_cases.values()
    ]
    await trail.append(connection, lines)
    await log.append(connection, [alert.id for alert in taking], AlertChange.ACKNOWLEDGED, now, actor.account_id)


def taken(alert: Alert) -> Conflict:
    """The conflict that tells who has the alert, or that it is over."""
    current = Current("ALERT", alert.id)
    if alert.state == AlertState.ACKNOWLEDGED:
        return Conflict("ALREADY_ACKNOWLEDGED", current, {"account_id": alert.acknowledged_by})
    return Conflict("WRONG_STATE", current, {"state": alert.state.value, "allowed": ALERT.allowed(alert.state)})
