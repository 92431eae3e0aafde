"""Pages of a worklist that open alerts of one kind fill: they are walked, and not gathered."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action
from models.alone import Alone
from services.columns import Columns, by_columns
from services.cursor import Cursors, read_page_cursor
from services.page import Page, page_size
from services.place import resolve_range
from services.problem import InvalidCursor
from services.urgent_work import Stretch, walk, walk_columns, walked_place
from services.work_item import WorkFilter, WorkItem
from services.work_kind import IN_ORDER

RANKS = 8
"""More than there are ranks of danger: place and rank are one number, by which the list is ordered and goes on."""

_FIRST = (-1, datetime.min.replace(tzinfo=UTC), UUID(int=0))


async def list_urgent(
    actor: Actor,
    reader: AsyncpgDBClient | Alone,
    wanted: WorkFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[WorkItem] | None:
    """The page of `list_work` with the first kind of each item alone, where open alerts of one kind fill it.

    None where they do not: then it has to be gathered. `Alone` is for the actor's own area. Raises as `list_work` does.
    """
    size = page_size(first)
    where = await resolve_range(actor, Action.SEE_CASES, reader, wanted.area_id)
    stretch = stretch_of(wanted, first, after)
    rows = [] if stretch is None else await walk(actor, reader, where, stretch)
    if stretch is None or len(rows) <= size:
        return None
    kind = IN_ORDER[stretch.place]
    items = [WorkItem(case, kind, (kind,), a.raised_at, a.due_at, a, a.id, where) for case, a in rows[:size]]
    keys = [(stretch.place * RANKS + item.case.rank, item.since, item.case.id) for item in items]
    return Page(items=items, cursors=Cursors("work", keys), has_next=True)


def stretch_of(wanted: WorkFilter, first: int | None, after: str | None) -> Stretch | None:
    """What a page walks, one item more than it shows; None where it has to be gathered. Raises InvalidInput and
    InvalidCursor as `list_work` does."""
    size = page_size(first)
    place, since, id = start_of(after)
    found = walked_place(divmod(place, RANKS) if after else (0, 0), wanted.kinds)
    if found is None or wanted.mine:
        return None
    dangers = None if wanted.dangers is None else frozenset(wanted.dangers)
    return Stretch(found, (since, id), size + 1, dangers)


async def columns_of_urgent(
    actor: Actor, where: Jurisdiction, stretch: Stretch, columns: Collection[str], reader: Alone
) -> Columns | None:
    """The page of `list_urgent` as columns such as `alert.due_at` or `case.state`, for who shows nothing else of it;
    None where it has to be gathered. `where` is the actor's own range."""
    names = list(dict.fromkeys((*columns, "alert.raised_at", "case.id", "case.rank", "case.area_no")))
    rows = await walk_columns(actor, reader, where, stretch, names)
    if len(rows) < stretch.limit:
        return None
    values = by_columns(names, rows[: stretch.limit - 1])
    places = [stretch.place * RANKS + rank for rank in values["case.rank"]]
    keys = list(zip(places, values["alert.raised_at"], values["case.id"], strict=True))
    ids = values["case.id"] = list(map(str, values["case.id"]))
    return Columns(values, ids, Cursors("work", keys), has_next=True)


def start_of(after: str | None) -> tuple[int, datetime, UUID]:
    """Place and rank as one number, moment and case after which a page begins. Raises InvalidCursor."""
    if after is None:
        return _FIRST
    place, since, id = read_page_cursor("work", after)
    try:
        since = since.astimezone(UTC)
    except OverflowError as error:
        raise InvalidCursor from error
    if not 0 <= place < len(IN_ORDER) * RANKS:
        raise InvalidCursor
    return place, since, id
