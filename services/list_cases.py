"""The cases of an area, most dangerous first, then the oldest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from models.alone import Alone
from models.case import Case
from models.state import CaseState, Danger
from services.columns import Columns
from services.counted_disease import counted
from services.danger_order import CASES, LAST_RANK, Narrowing, read_columns, read_page
from services.page import Page, page_size
from services.place import resolve_range

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

    @property
    def unconditional(self) -> bool:
        """Whether it leaves everything open but area and states."""
        return self == CaseFilter(self.area_id, self.states)


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
    where = await resolve_range(actor, Action.SEE_CASES, connection, wanted.area_id)
    narrowing = await counted(narrowing_of(wanted), wanted.disease)
    return await read_page(actor, Case, CASES, connection, where, narrowing, size, after)


async def columns_of_cases(
    actor: Actor,
    wanted: CaseFilter,
    columns: Sequence[str],
    first: int | None,
    after: str | None,
    reader: AsyncpgDBClient | Alone,
) -> Columns:
    """The same page as columns of the table, for who shows nothing else of it. Raises as `list_cases` does."""
    size = page_size(first)
    where = await resolve_range(actor, Action.SEE_CASES, reader, wanted.area_id)
    return await read_columns(actor, Case, CASES, reader, where, narrowing_of(wanted), size, after, columns)


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
