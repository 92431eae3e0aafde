"""Cancelling the open alerts of a case that is none, so that nobody is called for it."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from models.alert import Alert
from models.case import Case
from models.state import OPEN_ALERT_STATES, AlertState, Outcome
from services.count_change import CountChange
from services.merged_cases import with_merged
from services.runtime import Runtime


async def cancel_alerts(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, account_id: UUID | None, now: datetime
) -> tuple[list[Alert], list[CountChange]]:
    """Resolves the open alerts of the case, and of those that rest in it, as false alarms.

    They are the answer, with what their wards' counters lose.
    The caller adds the counts and then, last, writes the alerts to the log.
    """
    whole = await with_merged(connection, [case.id])
    found = Alert.filter(case_id__in=whole, state__in=OPEN_ALERT_STATES).order_by("id").select_for_update()
    alerts = await found.using_db(connection)
    await (
        Alert.filter(id__in=[alert.id for alert in alerts])
        .using_db(connection)
        .update(
            state=AlertState.RESOLVED,
            outcome=Outcome.FALSE_ALARM,
            resolved_by=account_id,
            resolved_at=now,
            version=F("version") + 1,
        )
    )
    day = runtime.clock.day(now)
    return alerts, [
        CountChange(one.area_id, one.area_no, one.disease, day, open_alerts=-1, acted_at=now) for one in alerts
    ]
