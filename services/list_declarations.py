"""The declarations of an area, most dangerous first, then the oldest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from models.alone import Alone
from models.declaration import Declaration
from models.state import DeclarationState
from services.columns import Columns
from services.counted_disease import counted
from services.danger_order import DECLARATIONS, LAST_RANK, Narrowing, read_columns, read_page
from services.page import Page, page_size
from services.place import resolve_range


@dataclass(frozen=True, slots=True)
class DeclarationFilter:
    """Which declarations: None leaves a property open, an empty collection matches nothing.

    `possible_duplicate` are those of a person who seems to have an open case already and whose phone was not proven.
    """

    area_id: str | None = None
    states: Collection[DeclarationState] | None = None
    possible_duplicate: bool | None = None
    disease: str | None = None

    @property
    def unconditional(self) -> bool:
        """Whether it leaves everything open but area and states."""
        return self == DeclarationFilter(self.area_id, self.states)


async def list_declarations(
    actor: Actor,
    connection: AsyncpgDBClient,
    wanted: DeclarationFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[Declaration]:
    """A page of declarations.

    Raises NotFound (unknown area, outside, or a role that sees no declarations), InvalidInput (`first` out of bounds),
    InvalidCursor.
    """
    size = page_size(first)
    where = await resolve_range(actor, Action.SEE_DECLARATIONS, connection, wanted.area_id)
    narrowing = await counted(_narrowing(wanted), wanted.disease)
    return await read_page(actor, Declaration, DECLARATIONS, connection, where, narrowing, size, after)


async def columns_of_declarations(
    actor: Actor,
    wanted: DeclarationFilter,
    columns: Sequence[str],
    first: int | None,
    after: str | None,
    reader: AsyncpgDBClient | Alone,
) -> Columns:
    """The same page as columns of the table, for who shows nothing else of it. Raises as `list_declarations` does."""
    size = page_size(first)
    where = await resolve_range(actor, Action.SEE_DECLARATIONS, reader, wanted.area_id)
    return await read_columns(actor, Declaration, DECLARATIONS, reader, where, _narrowing(wanted), size, after, columns)


def _narrowing(wanted: DeclarationFilter) -> Narrowing:
    conditions: list[tuple[str, object]] = []
    if wanted.possible_duplicate is not None:
        # Said without a value, because only so does the planner see that the index of doubtful ones holds them all.
        conditions.append(("t.possible_duplicate" if wanted.possible_duplicate else "NOT t.possible_duplicate", None))
    if wanted.disease is not None:
        conditions.append(("t.disease = {}", wanted.disease))
    states = set(DeclarationState if wanted.states is None else wanted.states)
    return Narrowing(states, frozenset(range(LAST_RANK + 1)), conditions, rare=bool(wanted.possible_duplicate))
