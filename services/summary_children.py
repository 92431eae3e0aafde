"""The areas directly below an area, each with a summary of its own."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.area import Area
from models.area_count import ALL_DAYS
from models.loaded import loaded
from services.area_sums import AreaSums
from services.summarise import Summary, batches, span

# SQL of our own for summary tables stands in these files; this one asks which areas ever had something counted.
_COUNTED = "SELECT area_no FROM area_count WHERE day = $1 AND disease = $2 AND area_no BETWEEN $3 AND $4"

# Areas are public. A text of its own, for Tortoise took most of a summary to put it together and to make its rows.
_CHILDREN = "SELECT * FROM area WHERE parent_id = ANY($1::text[]) ORDER BY lo"


async def children_of(connection: AsyncpgDBClient, summaries: Collection[Summary]) -> dict[Summary, list[Summary]]:
    """The children of each summary's area in the order of the tree, about the same disease and days.

    They are those in force on the last day (where the area itself had ended by then, on its own last day), and those
    that have ended but have something counted: so the children always add up to their area.
    """
    found: dict[Summary, list[Summary]] = {}
    for batch in batches(summaries):
        children = await _children(connection, batch)
        days = {summary: _day(summary) for summary in batch}
        ended = any(not _in_force(child, days[one]) for one in batch for child in children.get(one.area.id, ()))
        # Nearly always all are in force, and then nobody needs to know what was ever counted.
        counted = await _counted(connection, batch) if ended else AreaSums({})
        for summary in batch:
            found[summary] = [
                summary.of(child)
                for child in children.get(summary.area.id, ())
                if _in_force(child, days[summary]) or counted.within(child.lo, child.hi)
            ]
    return found


async def _counted(connection: AsyncpgDBClient, batch: list[Summary]) -> AreaSums:
    within = span(batch)
    _, rows = await connection.execute_query(_COUNTED, [ALL_DAYS, batch[0].disease, within.lo, within.hi])
    return AreaSums({row["area_no"]: 1 for row in rows})


async def _children(connection: AsyncpgDBClient, batch: list[Summary]) -> Mapping[str, list[Area]]:
    children: dict[str, list[Area]] = {}
    _, rows = await connection.execute_query(_CHILDREN, [list({summary.area.id for summary in batch})])
    for child in loaded(Area, rows):
        children.setdefault(str(child.parent_id), []).append(child)
    return children


def _day(summary: Summary) -> date:
    ended = summary.area.valid_to
    return summary.last_day if ended is None else min(summary.last_day, ended - timedelta(days=1))


def _in_force(area: Area, day: date) -> bool:
    return area.valid_from <= day and (area.valid_to is None or day < area.valid_to)
