"""Pages of a worklist that show columns of its cases and alerts, and what follows from them: read in one go, without a
row being made an object.

Whatever is asked for besides, and a page that open alerts of one kind do not fill, goes the general way.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from access.policy import Action
from graph.context import Context
from graph.engine import Ready
from graph.plain_page import plain_page
from graph.plain_shown import Fields
from graph.remembered import Memory
from graph.work_texts import to_do_text
from services.columns import Columns
from services.list_urgent import columns_of_urgent, stretch_of
from services.load_areas import areas_now
from services.place import own_range
from services.rows import Area
from services.urgent_work import Stretch, sees_all
from services.work_item import WorkFilter
from services.work_kind import IN_ORDER

KIND, TO_DO, OVERDUE = "item.kind", "item.to_do", "item.overdue"
CASE_AREA, ALERT_AREA = "case_area", "alert_area"
"""Beside the tables `case` and `alert`: what follows from their columns, and those of their areas."""

_DUE = "alert.due_at"
_AREA_ID = {CASE_AREA: "case.area_id", ALERT_AREA: "alert.area_id"}


async def plain_worklist(
    context: Context, fields: Fields, wanted: WorkFilter, first: int | None, after: str | None
) -> Ready | None:
    """The answer, noted in the trail as shown; None where it goes another way. Raises InvalidInput, InvalidCursor."""
    actor, operation = context.actor, context.operation
    plain = plain_page(context, "worklist", "WorkItem", fields)
    where = None if plain is None else own_range(actor, Action.SEE_CASES, wanted.area_id)
    if plain is None or where is None or not sees_all(actor, where):
        return None
    stretch = stretch_of(wanted, first, after)
    if stretch is None or (alone := operation.alone()) is None:
        return None

    async def read() -> tuple[Ready, Sequence[str]] | None:
        page = await columns_of_urgent(actor, where, stretch, list(_read(plain.columns)), alone)
        whole = None if page is None else await _with_more(context, page, stretch, plain.columns)
        return None if whole is None else (plain.answered(whole, after), whole.ids)

    asked = context.plan, context.language, stretch, after
    found = await operation.shared(context.runtime.reading, alone, asked, read)
    if found is None:
        return None
    answer, ids = found
    operation.seen.page("see_worklist", ids, wanted.area_id or actor.area_id)
    return answer


def _read(columns: Sequence[str]) -> Iterator[str]:
    """The columns of cases and alerts that are needed for these."""
    for column in columns:
        table = column.partition(".")[0]
        if table in _AREA_ID:
            yield _AREA_ID[table]
        elif table == "item":
            yield _DUE
        else:
            yield column


async def _with_more(context: Context, page: Columns, stretch: Stretch, columns: Sequence[str]) -> Columns | None:
    """The page with what follows from its columns; None where an area is nobody's."""
    kind, now, size = IN_ORDER[stretch.place], context.runtime.clock.now(), len(page.ids)
    values = dict(page.values)
    for column in columns:
        table, _, name = column.partition(".")
        if column == KIND:
            values[column] = [kind.name] * size
        elif column == TO_DO:
            values[column] = [to_do_text(kind, context.language)] * size
        elif column == OVERDUE:
            values[column] = [due < now for due in values[_DUE]]
        elif table in _AREA_ID:
            areas = await _areas(context.remembered.areas, values[_AREA_ID[table]])
            if areas is None:
                return None
            values[column] = list(map(attrgetter(name), areas))
    return Columns(values, page.ids, page.cursors, page.has_next)


async def _areas(memory: Memory[Area], ids: Sequence[str]) -> list[Area] | None:
    if missing := memory.missing(dict.fromkeys(ids)):
        memory.keep(await areas_now(missing))
    return memory.each(ids)
