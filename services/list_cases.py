"""The cases of an area, most dangerous first, then the oldest."""

from collections.abc import Collection
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from models.case import Case
from models.state import CaseState, Danger
from services.danger_order import CASES, LAST_RANK, Narrowing, read_page
from services.page import Page, page_size
from services.place import resolve_area

_SEVERE = frozenset({0, 1})
_DANGER = {Danger.RED: 0, Danger.AMBER: 1}


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases: None leaves a property open, an empty collection matches nothing."""

    area_id: str | None = None
    states: Collection[CaseState] | None = None
    severe: bool | None = None
    high_risk: bool | None = None
    dangers: Collection[Danger] | None = None
    disease: str | None = None


async def list_cases(
    actor: Actor,
    connection: AsyncpgDBClient,
    wanted: CaseFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[Case]:
    """A page of cases.

    Raises NotFound (unknown area, outside, or a role that sees no cases), InvalidInput (`first` out of bounds),
    InvalidCursor.
    """
    size = page_size(first)
    _, where = await resolve_area(actor, Action.SEE_CASES, connection, wanted.area_id)
    return await read_page(actor, Case, CASES, connection, where, narrowing_of(wanted), size, after)


def narrowing_of(wanted: CaseFilter) -> Narrowing:
    """Rank says severe, danger and (below severe) high risk, and is in the index; so each narrows the ranks first."""
    ranks = set(range(LAST_RANK + 1))
    conditions: list[tuple[str, object]] = []
    if wanted.severe is not None:
        ranks &= _SEVERE if wanted.severe else ranks - _SEVERE
    if wanted.dangers is not None:
        ranks &= {_DANGER[danger] for danger in wanted.dangers}
    if wanted.high_risk is not None:
        ranks -= {LAST_RANK} if wanted.high_risk else {2}
        conditions.append(("t.high_risk" if wanted.high_risk else "NOT t.high_risk", None))
    if wanted.disease is not None:
        conditions.append(("t.disease = {}", wanted.disease))
    states = set(CaseState if wanted.states is None else wanted.states)
    return Narrowing(states, ranks, conditions, rare=bool(wanted.high_risk))
