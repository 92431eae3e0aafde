"""Moving an area with all below it under another parent."""

from collections.abc import Mapping
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import TransactionWrapper

from access.actor import Actor
from access.trail import record
from models.area import Area
from models.numbering import FOREST_SHARE, WHOLE, Span, number, place, weights
from services.area_numbers import children_of, numbering_transaction, spans_of, write_spans
from services.runtime import Runtime


class MoveRefused(Exception):
    """The area cannot go there; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many areas and how many rows of other tables took a new number."""

    areas: int
    rows: int


async def move_area(runtime: Runtime, actor: Actor, area_id: str, parent_id: str | None) -> Moved:
    """Moves a subtree below `parent_id`, or makes it a tree of its own where that is None.

    Only the subtree and its rows take new numbers; every other area keeps its own. It waits for the declarations that
    are being written and they wait for it, so none is left with an old number.
    Raises MoveRefused for an unknown area or a parent within the subtree, NoRoom where the parent has no gap left.
    """
    async with numbering_transaction() as connection:
        moved = await move_within(connection, area_id, parent_id)
        objects = [area_id] if parent_id is None else [area_id, parent_id]
        await record(connection, actor, "areas.move", runtime.clock.now(), objects, detail={"rows": moved.rows})
        return moved


async def move_within(connection: TransactionWrapper, area_id: str, parent_id: str | None) -> Moved:
    """The same inside a transaction that already holds the numbering lock."""
    areas, spans = await spans_of(connection)
    known = {area.id: area for area in areas}
    _check(known, spans, area_id, parent_id)
    area = known[area_id]
    if area.parent_id == parent_id:
        return Moved(0, 0)
    children = children_of({area.id: area.parent_id for area in areas})
    siblings = [spans[other.id] for other in areas if other.parent_id == parent_id]
    within, most = (WHOLE, FOREST_SHARE) if parent_id is None else (spans[parent_id], 2)
    # Where the subtree goes up within its own branch it stands in a sibling's span, never in the gap between.
    span = place(within, siblings, [weights(children, area_id)[area_id]], most)[0]
    after = number(children, area_id, span)
    deeper = (known[parent_id].level if parent_id else 0) + 1 - area.level
    await Area.filter(id=area_id).using_db(connection).update(parent_id=parent_id)
    if deeper:
        await connection.execute_query(
            "UPDATE area SET level = level + $1 WHERE id = ANY($2::text[])", [deeper, list(after)]
        )
    rows = await write_spans(connection, {moved: spans[moved] for moved in after}, after)
    return Moved(len(after), rows)


def _check(known: Mapping[str, Area], spans: Mapping[str, Span], area_id: str, parent_id: str | None) -> None:
    for wanted in (area_id, parent_id):
        if wanted is not None and wanted not in known:
            raise MoveRefused(f"there is no area {wanted}; khaibao areas list shows them")
    if parent_id is not None and spans[area_id].covers(spans[parent_id]):
        raise MoveRefused(f"{parent_id} is {area_id} itself or lies below it; choose a parent elsewhere")
