"""Ending the alerts of a case that is over: nobody is to be called for it, nor called once more."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from models.alert import Alert
from models.case import Case
from models.state import OPEN_ALERT_STATES, AlertState
from services.count_change import CountChange
from services.merged_cases import with_merged
from services.runtime import Runtime


async def end_alerts(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, account_id: UUID | None, now: datetime
) -> tuple[list[UUID], list[CountChange]]:
    """Resolves every alert of the case that is not, taken ones too, without an outcome: no word of ours fits a death.

    Gives their identifiers and what their wards' counters lose. The caller adds the counts and then, last, writes the
    alerts to the log.
    """
    whole = await with_merged(connection, [case.id])
    found = Alert.filter(case_id__in=whole).exclude(state=AlertState.RESOLVED).order_by("id").select_for_update()
    alerts = await found.using_db(connection)
    ids = [alert.id for alert in alerts]
    await (
        Alert.filter(id__in=ids)
        .using_db(connection)
        .update(state=AlertState.RESOLVED, resolved_by=account_id, resolved_at=now, version=F("version") + 1)
    )
    day = runtime.clock.day(now)
    waiting = [alert for alert in alerts if alert.state in OPEN_ALERT_STATES]
    return ids, [
        CountChange(one.area_id, one.area_no, one.disease, day, open_alerts=-1, acted_at=now) for one in waiting
    ]
