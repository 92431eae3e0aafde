"""Changing a declaration: it is locked after its case, and held against what the caller has seen and its life cycle.

Every use-case that changes a declaration goes through here: so none forgets the version, the counters or the timeline.
"""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.case import Case
from models.case_event import CaseEvent
from models.declaration import Declaration
from models.state import WAITING_DECLARATION_STATES, CaseEventKind, DeclarationState
from services.change_case import locked_case
from services.count_change import CountChange
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime
from triage.lifecycle import DECLARATION, NotAllowed


async def locked_declaration(
    connection: AsyncpgDBClient, actor: Actor, declaration_id: UUID
) -> tuple[Declaration, Case]:
    """The declaration and its case, both locked until the transaction ends, where staff may see them.

    The case first, as everybody does: two who take one each would wait in a ring. Raises NotFound.
    """
    found = await visible(actor, Declaration, connection).get_or_none(id=declaration_id)
    if found is None:
        raise NotFound
    case = await locked_case(connection, actor, found.case_id)
    # Read again: it may have been settled, or have gone to another ward, while somebody else held the case.
    declaration = await visible(actor, Declaration, connection).filter(id=declaration_id).select_for_update().first()
    if declaration is None:
        raise NotFound
    return declaration, case


def hold_version(declaration: Declaration, version: int | None) -> None:
    """Raises Conflict (STALE_VERSION) where the declaration is not the version that the caller has seen."""
    if version is not None and version != declaration.version:
        values: dict[str, object] = {"version": declaration.version, "seen": version}
        raise Conflict("STALE_VERSION", Current("DECLARATION", declaration.id), values)


async def done_already(
    connection: AsyncpgDBClient, actor: Actor, declaration: Declaration, state: DeclarationState, kind: CaseEventKind
) -> bool:
    """Whether the last that was done to the declaration is just this, by this account: its answer was lost, and it asks
    again. Somebody else's doing is no answer: whoever came second is told so."""
    if declaration.state != state:
        return False
    lines = CaseEvent.filter(case_id=declaration.case_id, subject_id=declaration.id).using_db(connection)
    last = await lines.order_by("-id").first()
    return last is not None and last.kind == kind and last.account_id == actor.account_id


def step(declaration: Declaration, act: str, now: datetime) -> DeclarationState:
    """Moves the declaration on by one act of its table, and gives back the state that it was in.

    Nothing is written yet: `save_declaration` does. Raises Conflict (WRONG_STATE) with the state and what is allowed.
    """
    before = DeclarationState(declaration.state)
    try:
        after = DeclarationState(DECLARATION.target(act, before))
    except NotAllowed as refused:
        values: dict[str, object] = {"state": refused.state, "act": act, "allowed": refused.allowed}
        raise Conflict("WRONG_STATE", Current("DECLARATION", declaration.id), values) from None
    declaration.state, declaration.version = after, declaration.version + 1
    declaration.handled_at = None if after in WAITING_DECLARATION_STATES else now
    return before


async def save_declaration(connection: AsyncpgDBClient, declaration: Declaration, *columns: str) -> None:
    """Writes what `step` has changed, and these columns besides."""
    changed = {"state", "version", "handled_at", *columns}
    await declaration.save(using_db=connection, update_fields=sorted(changed))


def pending_change(
    runtime: Runtime, declaration: Declaration, before: DeclarationState, acted_at: datetime | None
) -> CountChange:
    """What the ward's count of waiting declarations gains or loses by a step from `before`.

    `acted_at` is None where it was no act of the station's.
    """
    waiting = (declaration.state in WAITING_DECLARATION_STATES) - (before in WAITING_DECLARATION_STATES)
    day = runtime.clock.day(acted_at or runtime.clock.now())
    place = (declaration.area_id, declaration.area_no, declaration.disease, day)
    return CountChange(*place, pending=waiting, acted_at=acted_at)
