"""Changing a case: it is locked, held against what the caller has seen and against the table of its life cycle.

Every use-case that changes a case goes through here: so none forgets the version, the timeline or the counters.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.sealing import Sealer
from access.visible import reachable, visible
from clock import Clock
from models.case import Case
from models.case_event import CaseEvent
from models.identifier import uuid7
from models.state import CaseEventKind, CaseState
from services.count_change import CountChange
from services.problem import Conflict, Current, NotFound
from triage.lifecycle import CASE, NotAllowed

ACTIVE = frozenset(
    {
        CaseState.CONFIRMED,
        CaseState.HOME_ISOLATION,
        CaseState.REFERRED,
        CaseState.HOSPITALISED,
        CaseState.RELEASE_DUE,
        CaseState.LOST_TO_FOLLOW_UP,
    }
)
"""Confirmed and not yet at an end."""

CLOSED = frozenset(
    {CaseState.NOT_A_CASE, CaseState.COMPLETED, CaseState.CERTIFIED, CaseState.DECEASED, CaseState.MERGED}
)
"""At an end: `closed_at` is set in these states and empty in all others."""

_IN_OTHER_HANDS = frozenset({CaseState.REFERRED, CaseState.HOSPITALISED})

MOVED = frozenset({"state", "version", "closed_at", "claimed_by", "claimed_until", "check_in_due", "checks_missed"})
"""The columns that `advance` changes."""

_COMPLETED = frozenset({CaseState.COMPLETED, CaseState.CERTIFIED})


async def locked_case(
    connection: AsyncpgDBClient, actor: Actor, case_id: UUID, version: int | None = None, *, granted: bool = False
) -> Case:
    """The case, locked until the transaction ends, where the actor may see it; `granted` also by a grant to a station.

    Raises NotFound outside the jurisdiction, Conflict (STALE_VERSION) where it is not the version that the caller has
    seen: then somebody else has changed it, and nothing is overwritten in silence.
    """
    seen = reachable(actor, Case, connection) if granted else visible(actor, Case, connection)
    case = await seen.filter(id=case_id).select_for_update().first()
    if case is None:
        raise NotFound
    unchanged(case, version)
    return case


def unchanged(case: Case, version: int | None) -> None:
    """Raises Conflict (STALE_VERSION) where the case is not the version that the caller has seen, if they said one."""
    if version is not None and version != case.version:
        raise Conflict("STALE_VERSION", Current("CASE", case.id), {"version": case.version, "seen": version})


def advance(case: Case, act: str, now: datetime) -> CaseState:
    """Moves the case on by one act of its table, and gives back the state that it was in.

    Nothing is written yet: `save_case` does. Raises Conflict (WRONG_STATE) with the state and what is allowed in it.
    """
    before = CaseState(case.state)
    try:
        after = CaseState(CASE.target(act, before, case.state_before))
    except NotAllowed as refused:
        values: dict[str, object] = {"state": refused.state, "act": act, "allowed": refused.allowed}
        raise Conflict("WRONG_STATE", Current("CASE", case.id), values) from None
    case.state, case.version = after, case.version + 1
    if after in CLOSED:
        case.closed_at = case.closed_at or now
        case.claimed_by = case.claimed_until = case.check_in_due = None
    else:
        case.closed_at = None
    if after in _IN_OTHER_HANDS:
        # Who was silent at home is heard of now, and nobody is to look for them there any more.
        case.check_in_due, case.checks_missed = None, 0
    return before


async def save_case(connection: AsyncpgDBClient, case: Case, *columns: str) -> None:
    """Writes what `advance` has changed, and these columns besides."""
    await case.save(using_db=connection, update_fields=sorted(MOVED | set(columns)))


async def note(
    connection: AsyncpgDBClient,
    sealer: Sealer,
    actor: Actor,
    case: Case,
    kind: CaseEventKind,
    now: datetime,
    *,
    subject: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> UUID:
    """Writes a line of the case's timeline in the transaction of the change itself. `detail` is sealed: why, and what.

    Called after `advance`, so that the line has the state and the version that came of it. Gives the line's id.
    """
    event = line_of(sealer, actor, case, kind, now, subject=subject, detail=detail)
    await event.save(using_db=connection, force_create=True)
    return event.id


def line_of(
    sealer: Sealer,
    actor: Actor,
    case: Case,
    kind: CaseEventKind,
    now: datetime,
    *,
    subject: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> CaseEvent:
    """The same line, not yet written: for many together."""
    id = uuid7()
    return CaseEvent(
        id=id,
        case_id=case.id,
        area_no=case.area_no,
        kind=kind,
        at=now,
        actor=actor.kind,
        account_id=actor.account_id,
        state=case.state,
        version=case.version,
        subject_id=subject,
        detail=sealer.seal(f"case_event:{id}", dict(detail)) if detail else None,
    )


def counted(clock: Clock, case: Case, before: CaseState, now: datetime) -> CountChange:
    """What the ward's counters of today gain and lose by a case's step from `before` to the state that it has now."""
    after = CaseState(case.state)
    return CountChange(
        case.area_id,
        case.area_no,
        case.disease,
        clock.day(now),
        active=(after in ACTIVE) - (before in ACTIVE),
        hospitalised=(after is CaseState.HOSPITALISED) - (before is CaseState.HOSPITALISED),
        completed=(after in _COMPLETED) - (before in _COMPLETED),
        deceased=(after is CaseState.DECEASED) - (before is CaseState.DECEASED),
        acted_at=now,
    )
