"""What others have changed of a case since somebody last saw it."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import reachable
from models.case_event import CaseEvent
from models.declaration import Declaration
from models.state import CaseState
from services.batch import MOST_A_CASE
from services.list_timeline import Line


async def changes_since(
    actor: Actor, connection: AsyncpgDBClient, case_id: UUID, seen: int, version: int
) -> list[Line]:
    """The lines of a case's timeline that are newer than version `seen`, oldest first, the newest 50 at the most.

    `version` is the case's present one. What raised the version without a line of its own was a further report of the
    same person: so for as many as are missing the newest reports are shown. Nothing for a case that the actor may not
    see.
    """
    newer = reachable(actor, CaseEvent, connection).filter(case_id=case_id, version__gt=seen)
    events = await newer.order_by("-version", "-id").limit(MOST_A_CASE)
    lines = [_done(event) for event in events]
    told = {event.version for event in events}
    if len(events) < MOST_A_CASE and (missing := version - seen - len(told)) > 0:
        reports = reachable(actor, Declaration, connection).filter(case_id=case_id)
        rows = await reports.order_by("-submitted_at", "-id").limit(min(missing + 1, MOST_A_CASE))
        # The first report has opened the case, and was no change of it.
        lines += [_declared(row) for row in (rows[:-1] if len(rows) <= missing else rows[:missing])]
    return sorted(lines, key=lambda line: (line.at, line.source, line.key))


def _done(event: CaseEvent) -> Line:
    return Line(
        key=event.id,
        source=1,
        case_id=event.case_id,
        at=event.at,
        kind=event.kind.value,
        actor=event.actor,
        account_id=event.account_id,
        state=CaseState(event.state),
        version=event.version,
        subject=event.subject_id,
        sealed=event.detail,
    )


def _declared(row: Declaration) -> Line:
    return Line(
        key=row.id,
        source=0,
        case_id=row.case_id,
        at=row.submitted_at,
        kind="DECLARED",
        actor="RESIDENT" if row.verified else "ANONYMOUS",
        account_id=None,
        state=None,
        version=None,
        subject=row.id,
        sealed=None,
    )
