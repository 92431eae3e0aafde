"""Reading a table most dangerous first, page by page, at the same cost whatever has piled up behind.

A page's keys are read with SQL of our own, because Tortoise can neither compare rows nor join sideways. Without the row
comparison a late page walks over all before it; without the sideways join a page of one district sorts all of its rows.
The rows themselves then come through `access.visible`, like everything that is read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.visible import visible
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.declaration import Declaration
from models.state import AlertState, CaseState, DeclarationState
from services.batch import padded
from services.cursor import PageKind, page_cursor, read_page_cursor
from services.page import Page
from services.problem import InvalidCursor

LAST_RANK = 3
"""0 is RED, 1 AMBER, 2 high risk alone, 3 everything else."""

_FEW_AREAS = 32
"""Up to here a page is merged from its areas one by one; beyond, it is read in the whole table's order."""

_START = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Before every row of a rank: PostgreSQL reads this moment as -infinity."""

_Row = TypeVar("_Row", Alert, Case, Declaration)

# One probe for each state, and for each area where these are few: each reads at most a page from its index's right
# place and in its order.
_PAGE = """
SELECT p.rank, p.at, p.id FROM unnest($1::text[]) AS s (state) {areas} CROSS JOIN LATERAL (
  SELECT t.rank, t.{moment} AS at, t.id FROM {table} t
  WHERE t.state = s.state AND (t.rank, t.{moment}, t.id) > ($2::smallint, $3, $4) AND t.rank <= $5 AND {where}
  ORDER BY t.rank, t.{moment}, t.id LIMIT $6) AS p
ORDER BY p.rank, p.at, p.id LIMIT $6
"""
_AREAS = "CROSS JOIN unnest($7::int[]) AS a (area_no)"


@dataclass(frozen=True, slots=True)
class Order:
    """A table's order: its name in cursors, its moment, and all the states its rows can be in."""

    kind: PageKind
    table: str
    moment: str
    states: tuple[str, ...]


ALERTS = Order("alerts", "alert", "raised_at", tuple(AlertState))
CASES = Order("cases", "illness_case", "opened_at", tuple(CaseState))
DECLARATIONS = Order("declarations", "declaration", "submitted_at", tuple(DeclarationState))


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a page is narrowed to: states, ranks, and conditions on the row `t`, whose `{}` stands for the value.

    `rare` says that few rows meet the conditions and that an index holds just those, of all areas together.
    """

    states: Collection[str]
    ranks: Collection[int]
    conditions: Sequence[tuple[str, object]] = ()
    rare: bool = False


async def read_page(
    actor: Actor,
    model: type[_Row],
    order: Order,
    connection: AsyncpgDBClient,
    where: Jurisdiction,
    narrowing: Narrowing,
    size: int,
    after: str | None,
) -> Page[_Row]:
    """One page of what the actor may see of a table within `where`. Raises InvalidCursor."""
    keys = await read_keys(order, connection, where, narrowing, size + 1, after)
    return await page_of(actor, model, order, connection, keys, size)


async def read_keys(
    order: Order,
    connection: AsyncpgDBClient,
    where: Jurisdiction,
    narrowing: Narrowing,
    limit: int,
    after: str | None,
) -> Sequence[Any]:
    """Rank, moment and identifier of at most so many rows, in the list's order. Raises InvalidCursor."""
    start = _start(order, narrowing, after)
    if not narrowing.states or not narrowing.ranks:
        return []
    areas = None if narrowing.rare else await _areas(connection, where)
    sql, values = _statement(order, narrowing, where, areas, start, limit)
    _, keys = await connection.execute_query(sql, values)
    return list(keys)


async def page_of(
    actor: Actor, model: type[_Row], order: Order, connection: AsyncpgDBClient, keys: Sequence[Any], size: int
) -> Page[_Row]:
    """The rows of the first `size` keys that the actor may see; a key beyond them says that there is more."""
    shown = keys[:size]
    rows = await visible(actor, model, connection).filter(id__in=padded(key["id"] for key in shown)) if shown else []
    found = {row.id: row for row in rows}
    # A key without a row would be one that the statement above found and the actor may not see.
    items = [(found[key["id"]], key) for key in shown if key["id"] in found]
    return Page(
        items=[row for row, _ in items],
        cursors=[page_cursor(order.kind, key["rank"], key["at"], key["id"]) for _, key in items],
        has_next=len(keys) > size,
    )


def _start(order: Order, narrowing: Narrowing, after: str | None) -> tuple[int, datetime, UUID]:
    start = (min(narrowing.ranks, default=0), *_START)
    if after is None:
        return start
    rank, at, id = read_page_cursor(order.kind, after)
    if not 0 <= rank <= LAST_RANK:
        raise InvalidCursor
    try:
        return max(start, (rank, at.astimezone(UTC), id))
    except OverflowError as error:
        raise InvalidCursor from error


async def _areas(connection: AsyncpgDBClient, where: Jurisdiction) -> list[int] | None:
    """The areas' numbers where they are few, None where they are many."""
    within = Area.filter(lo__gte=where.lo, lo__lte=where.hi).using_db(connection)
    found = await within.order_by("lo").limit(_FEW_AREAS + 1).values_list("lo", flat=True)
    numbers = [int(str(number)) for number in found]
    return numbers if len(numbers) <= _FEW_AREAS else None


def _statement(
    order: Order,
    narrowing: Narrowing,
    where: Jurisdiction,
    areas: list[int] | None,
    start: tuple[int, datetime, UUID],
    limit: int,
) -> tuple[str, list[object]]:
    values: list[object] = [sorted(narrowing.states), *start, max(narrowing.ranks), limit]
    values += [where.lo, where.hi] if areas is None else [areas]
    conditions = ["t.area_no BETWEEN $7 AND $8" if areas is None else "t.area_no = a.area_no"]
    gaps = set(range(min(narrowing.ranks), max(narrowing.ranks))) - set(narrowing.ranks)
    for condition, value in [*((f"t.rank <> {gap}", None) for gap in sorted(gaps)), *narrowing.conditions]:
        if "{}" in condition:
            values.append(value)
        conditions.append(condition.format(f"${len(values)}"))
    sql = _PAGE.format(
        areas="" if areas is None else _AREAS,
        moment=order.moment,
        table=order.table,
        where=" AND ".join(conditions),
    )
    return sql, values
