"""Reading a table most dangerous first, page by page, at the same cost whatever has piled up behind.

In SQL of our own, because Tortoise can neither compare rows nor join sideways. Without the row comparison a late page
walks over all before it; without the sideways join a page of one district sorts all of its rows. What may be seen is
the range that `access.visible` gives.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.visible import narrowed, visible
from models.alert import Alert
from models.alone import TOLD, Alone, rows
from models.case import Case
from models.declaration import Declaration
from models.loaded import loaded
from models.state import AlertState, CaseState, DeclarationState
from services.batch import padded
from services.breadth import Breadth, breadth_of
from services.columns import Columns, by_columns
from services.cursor import Cursors, PageKind, read_page_cursor
from services.page import Page
from services.problem import InvalidCursor

LAST_RANK = 3
"""0 is RED, 1 AMBER, 2 high risk alone, 3 everything else."""

_START = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Before every row of a rank: PostgreSQL reads this moment as -infinity."""

_Row = TypeVar("_Row", Alert, Case, Declaration)

# One probe for each state, and for each area where these are few: each reads at most a page from its index's right
# place and in its order.
_PAGE = """
SELECT {shown} FROM unnest($1::text[]) AS s (state) {areas} CROSS JOIN LATERAL (
  SELECT {columns}t.{moment} AS o_moment, t.rank AS o_rank, t.id AS o_id FROM {table} t
  WHERE t.state = s.state AND (t.rank, t.{moment}, t.id) > ($2::smallint, $3::timestamptz, $4::uuid)
    AND t.rank <= $5::smallint AND {where}
  ORDER BY t.rank, t.{moment}, t.id LIMIT $6::int) AS p
WHERE {told} ORDER BY p.o_rank, p.o_moment, p.o_id LIMIT $6::int
"""
_WITHIN = "t.area_no BETWEEN $7::int AND $8::int"
_AREAS = "CROSS JOIN (SELECT lo FROM area WHERE lo BETWEEN $7::int AND $8::int) AS a (area_no)"
_IN_AREA = "t.area_no = a.area_no"
# The same as _WITHIN, said so that no index is taken for it: who plans for ranges unknown takes them to be narrow, and
# would sort the whole city to show fifty.
_NEARLY_ALL = f"CASE WHEN {_WITHIN} THEN true ELSE false END"


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
    seen, columns = narrowed(actor, model, where), sorted(model._meta.db_fields)
    found = loaded(model, await _read(order, connection, seen, narrowing, size + 1, after, columns))
    shown = found[:size]
    return Page(
        items=shown,
        cursors=Cursors(order.kind, [(row.rank, getattr(row, order.moment), row.id) for row in shown]),
        has_next=len(found) > size,
    )


async def read_columns(
    actor: Actor,
    model: type[_Row],
    order: Order,
    reader: AsyncpgDBClient | Alone,
    where: Jurisdiction,
    narrowing: Narrowing,
    size: int,
    after: str | None,
    columns: Sequence[str],
) -> Columns:
    """The page of `read_page`, with these columns, each named once, and what its order takes. Raises InvalidCursor.

    `Alone` is for ranges that `reads_alone` holds to be fit.
    """
    found = await _read(order, reader, narrowed(actor, model, where), narrowing, size + 1, after, columns)
    values = by_columns(_complete(order, columns), found[:size])
    keys = list(zip(values["rank"], values[order.moment], values["id"], strict=True))
    ids = values["id"] = list(map(str, values["id"]))
    return Columns(values, ids, Cursors(order.kind, keys), has_next=len(found) > size)


async def reads_alone(where: Jurisdiction) -> bool:
    """Whether a page of this range is found by a plan that is made once for all ranges."""
    return await breadth_of(where) is not Breadth.SOME


async def read_keys(
    order: Order,
    connection: AsyncpgDBClient,
    where: Jurisdiction,
    narrowing: Narrowing,
    limit: int,
    after: str | None,
) -> Sequence[Any]:
    """Rank, moment and identifier of at most so many rows, in the list's order. Raises InvalidCursor."""
    return await _read(order, connection, where, narrowing, limit, after, ["id", "rank", order.moment])


async def _read(
    order: Order,
    reader: AsyncpgDBClient | Alone,
    where: Jurisdiction,
    narrowing: Narrowing,
    limit: int,
    after: str | None,
    columns: Sequence[str],
) -> Sequence[Any]:
    start = _start(order, narrowing, after)
    if where.empty or not narrowing.states or not narrowing.ranks:
        return []
    breadth = await breadth_of(where)
    sql, values = _statement(order, narrowing, where, breadth, start, limit, columns, known=isinstance(reader, Alone))
    return await rows(reader, sql, values)


async def page_of(
    actor: Actor, model: type[_Row], order: Order, connection: AsyncpgDBClient, keys: Sequence[Any], size: int
) -> Page[_Row]:
    """The rows of the first `size` keys that the actor may see; a key beyond them says that there is more."""
    shown = keys[:size]
    known = await visible(actor, model, connection).filter(id__in=padded(key["id"] for key in shown)) if shown else []
    found = {row.id: row for row in known}
    # A key without a row would be one that the statement above found and the actor may not see.
    items = [(found[key["id"]], key) for key in shown if key["id"] in found]
    return Page(
        items=[row for row, _ in items],
        cursors=Cursors(order.kind, [(key["rank"], key[order.moment], key["id"]) for _, key in items]),
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


def _statement(
    order: Order,
    narrowing: Narrowing,
    where: Jurisdiction,
    breadth: Breadth,
    start: tuple[int, datetime, UUID],
    limit: int,
    columns: Sequence[str],
    *,
    known: bool,
) -> tuple[str, list[object]]:
    """`known` says that the plan is made before the range is known."""
    values: list[object] = [sorted(narrowing.states), *start, max(narrowing.ranks), limit, where.lo, where.hi]
    few = breadth is Breadth.FEW and not narrowing.rare
    conditions = [_IN_AREA if few else _NEARLY_ALL if known else _WITHIN]
    gaps = set(range(min(narrowing.ranks), max(narrowing.ranks))) - set(narrowing.ranks)
    for condition, value in [*((f"t.rank <> {gap}", None) for gap in sorted(gaps)), *narrowing.conditions]:
        if "{}" in condition:
            values.append(value)
        conditions.append(condition.format(f"${len(values)}"))
    return _text(order, few, tuple(conditions), _complete(order, columns)), values


def _complete(order: Order, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns, and behind them those of a row's place in the order that are not among them."""
    return (*columns, *(name for name in (order.moment, "rank", "id") if name not in columns))


@lru_cache(maxsize=500)
def _text(order: Order, few: bool, conditions: tuple[str, ...], columns: tuple[str, ...]) -> str:
    return _PAGE.format(
        shown=", ".join(f"p.{name}" for name in columns),
        columns="".join(f"t.{name}, " for name in columns),
        areas=_AREAS if few else "",
        moment=order.moment,
        table=order.table,
        where=" AND ".join(conditions),
        told=TOLD,
    )
