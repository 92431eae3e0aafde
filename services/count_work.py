"""How much there is to do in an area, kind by kind, and whether any of it has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action
from models.area import Area
from services.place import resolve_area
from services.runtime import Runtime
from services.work_facts import ITEMS
from services.work_kind import IN_ORDER, WorkKind

# The mark is a sum and not a text of all items: of a city's worklist that would be megabytes.
_COUNTS = (
    ITEMS
    + """
SELECT i.kind, count(*) AS items,
  sum(hashtextextended(concat_ws('|', i.id, i.kinds, i.since, c.version, c.claimed_by, c.claimed_until), 0)) AS mark
FROM item i JOIN illness_case c ON c.id = i.id GROUP BY i.kind ORDER BY i.kind
"""
)


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """How many items stand by each kind, most urgent first. `mark` is another one where an item is another one."""

    area: Area
    where: Jurisdiction
    as_of: datetime
    kinds: Mapping[WorkKind, int]
    mark: tuple[str, ...]


async def count_work(
    runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, area_id: str | None = None
) -> WorkCounts:
    """Counts the worklist of an area. Raises NotFound (unknown area, outside, or a role that sees no cases)."""
    area, where = await resolve_area(actor, Action.SEE_CASES, connection, area_id)
    _, rows = await connection.execute_query(_COUNTS, [where.lo, where.hi, runtime.clock.zone().key])
    kinds = {IN_ORDER[row["kind"]]: int(row["items"]) for row in rows}
    return WorkCounts(area, where, runtime.clock.now(), kinds, tuple(f"{row['kind']}:{row['mark']}" for row in rows))
