"""The cases that rest in another: whoever acts on the one that goes on, acts for them too."""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import reachable
from models.case import Case
from services.batch import padded

# Raw, because it follows cases into cases: one that others rest in may be merged into a third. By the merges, which are
# few and found by an index. UNION, so that a ring, which nothing here makes, would end.
_WITH_MERGED = """
WITH RECURSIVE whole AS (
  SELECT unnest($1::uuid[]) AS id UNION SELECT c.id FROM whole w
    JOIN person_merge m ON m.case_id = w.id AND m.undone_at IS NULL
    JOIN illness_case c ON c.id = m.merged_case_id AND c.merged_into = w.id
)
SELECT id FROM whole ORDER BY id
"""
_FAMILIES = """
WITH RECURSIVE up AS (
  SELECT id, merged_into FROM illness_case WHERE id = ANY($1::uuid[])
  UNION SELECT c.id, c.merged_into FROM illness_case c JOIN up u ON c.id = u.merged_into
), whole AS (
  SELECT id, id AS goes_on FROM up WHERE merged_into IS NULL
  UNION SELECT c.id, w.goes_on FROM whole w JOIN illness_case c ON c.merged_into = w.id
)
SELECT id, goes_on FROM whole
"""


async def with_merged(connection: AsyncpgDBClient, case_ids: Collection[UUID]) -> list[UUID]:
    """These cases and all that rest in them, in the order of their identifiers.

    It says only which belong together; what is read of them is narrowed by whoever reads it.
    """
    _, rows = await connection.execute_query(_WITH_MERGED, [list(case_ids)])
    return [row["id"] for row in rows]


async def families(connection: AsyncpgDBClient, case_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """These cases and all that are of one person with them by a merge, each with the case that goes on for it.

    A case that rests in one beyond what the connection may see is its own family.
    """
    _, rows = await connection.execute_query(_FAMILIES, [list(case_ids)])
    return {id: id for id in case_ids} | {row["id"]: row["goes_on"] for row in rows}


async def shown_with(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Each case with itself, and with those that rest in it as far as the actor sees them, directly or by another."""
    children: dict[UUID, list[UUID]] = {}
    known, newest = set(ids), set(ids)
    while newest:
        merged = reachable(actor, Case, connection).filter(merged_into__in=padded(newest))
        for id, into in await merged.values_list("id", "merged_into"):
            children.setdefault(into, []).append(id)
        newest = {id for some in children.values() for id in some} - known
        known |= newest
    return [(shown, id) for shown in ids for id in _with_all_below(shown, children)]


def _with_all_below(id: UUID, children: Mapping[UUID, list[UUID]]) -> Iterator[UUID]:
    yield id
    for child in children.get(id, ()):
        yield from _with_all_below(child, children)


async def shown_in(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The same the other way round: each of those cases, with the ones among `ids` that it is shown in."""
    found: dict[UUID, list[UUID]] = {}
    for shown, id in await shown_with(actor, connection, list(dict.fromkeys(ids))):
        found.setdefault(id, []).append(shown)
    return found
