"""Numbering every area anew, which spreads the gaps evenly: the remedy where a gap has run out."""

from access.actor import Actor
from access.trail import record
from models.numbering import FOREST_SHARE, WHOLE, number, place, weights
from services.area_numbers import children_of, numbering_transaction, spans_of, write_spans
from services.runtime import Runtime


async def number_areas(runtime: Runtime, actor: Actor) -> int:
    """Numbers all trees anew and returns how many rows took a new number. Declarations wait meanwhile.

    Raises NoRoom where there are more areas than numbers, two thousand million.
    """
    async with numbering_transaction() as connection:
        areas, before = await spans_of(connection)
        children = children_of({area.id: area.parent_id for area in areas})
        roots = [area.id for area in areas if area.parent_id is None]
        if not roots:
            return 0
        weight = [weights(children, root)[root] for root in roots]
        after = {}
        for root, span in zip(roots, place(WHOLE, [], weight, max(2, FOREST_SHARE // len(roots))), strict=True):
            after.update(number(children, root, span))
        rows = await write_spans(connection, before, after)
        await record(connection, actor, "areas.renumber", runtime.clock.now(), roots, detail={"rows": rows})
        return rows
