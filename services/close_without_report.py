"""What becomes of a suspected case when the last of its declarations is over: it is none."""

from dataclasses import dataclass, field
from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from models.alert import Alert
from models.case import Case
from models.declaration import Declaration
from models.state import WAITING_DECLARATION_STATES, CaseEventKind, CaseState, DeclarationState
from services.cancel_alerts import cancel_alerts
from services.change_case import advance, note, save_case
from services.count_change import CountChange
from services.merged_cases import with_merged
from services.runtime import Runtime

STANDING = (*WAITING_DECLARATION_STATES, DeclarationState.ACCEPTED)
"""The states of a report that waits or was taken: while a case has one, it is not over."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Whether the case came to its end, the alerts that were cancelled with it, and what the counters lose."""

    closed: bool = False
    alerts: list[Alert] = field(default_factory=list)
    changes: list[CountChange] = field(default_factory=list)


async def close_without_report(
    runtime: Runtime, connection: AsyncpgDBClient, actor: Actor, case: Case, act: str, now: datetime
) -> Closed:
    """Takes the act (DISMISS, WITHDRAW, EXPIRE) where no report of a suspected case waits or was accepted any more.

    Somebody else's report of the same person keeps it open. The caller has locked the case and saved the declaration.
    """
    if not await left_without_report(connection, case):
        return Closed()
    advance(case, act, now)
    await save_case(connection, case)
    alerts, changes = await cancel_alerts(runtime, connection, case, actor.account_id, now)
    await note(connection, runtime.sealer, actor, case, CaseEventKind.DISMISSED, now, detail={"reason": act})
    return Closed(True, alerts, changes)


async def left_without_report(connection: AsyncpgDBClient, case: Case) -> bool:
    """Whether a suspected case has no report any more that waits or was accepted."""
    whole = await with_merged(connection, [case.id])
    standing = Declaration.filter(case_id__in=whole, state__in=STANDING).using_db(connection)
    return case.state == CaseState.SUSPECTED and not await standing.exists()
