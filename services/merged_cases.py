"""The cases that rest in another: whoever acts on the one that goes on, acts for them too."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

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
_GOES_ON = """
WITH RECURSIVE up AS (
  SELECT id, merged_into FROM illness_case WHERE id = $1
  UNION SELECT c.id, c.merged_into FROM illness_case c JOIN up u ON c.id = u.merged_into
)
SELECT id FROM up WHERE merged_into IS NULL
"""


async def with_merged(connection: AsyncpgDBClient, case_ids: Collection[UUID]) -> list[UUID]:
    """These cases and all that rest in them, in the order of their identifiers.

    It says only which belong together; what is read of them is narrowed by whoever reads it.
    """
    _, rows = await connection.execute_query(_WITH_MERGED, [list(case_ids)])
    return [row["id"] for row in rows]


async def case_that_goes_on(connection: AsyncpgDBClient, case_id: UUID) -> UUID:
    """The case that this one rests in, or the case itself where it goes on."""
    _, rows = await connection.execute_query(_GOES_ON, [case_id])
    return rows[0]["id"] if rows else case_id
