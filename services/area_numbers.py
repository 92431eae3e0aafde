"""The numbers of areas, and of every row that carries one, changed together under the numbering lock."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from tortoise import Tortoise
from tortoise.backends.asyncpg.client import TransactionWrapper

from models.area import Area
from models.database import service_transaction
from models.locks import MIGRATION_LOCK, NUMBERING_LOCK
from models.numbering import Span
from services.end_sessions import bump_access

# Every writing transaction opens with the lock's shared side. Two numberings that both held it would wait for each
# other for ever, so theirs opens anew; nothing has been read yet.
_REOPEN = f"""
ROLLBACK; BEGIN; SET LOCAL lock_timeout = '60s';
SELECT pg_advisory_xact_lock_shared({MIGRATION_LOCK});
SELECT pg_advisory_xact_lock({NUMBERING_LOCK});
"""


@asynccontextmanager
async def numbering_transaction() -> AsyncIterator[TransactionWrapper]:
    """A transaction that alone may number areas: no migration runs, and nobody writes a number read before.

    It waits a minute at the most for the transactions that are under way; those that begin meanwhile wait for it.
    """
    async with service_transaction() as connection:
        await connection.execute_script(_REOPEN)
        yield connection
        # Whoever watches an area watches a range of numbers, and an account may have gone along to another area.
        await bump_access(connection)


_NUMBERS = ("area_no", "from_no")


def numbered_columns() -> list[tuple[str, str]]:
    """Every table and column that carries an area's number, found in the models so that none can be forgotten."""
    models = Tortoise.apps["models"].values() if Tortoise.apps else ()
    return sorted(
        (str(model._meta.db_table), column)
        for model in models
        for column in _NUMBERS
        if column in model._meta.fields_map
    )


async def write_spans(connection: TransactionWrapper, before: Mapping[str, Span], after: Mapping[str, Span]) -> int:
    """Gives the areas of `after` their new spans, and all their rows the new number. Returns the count of rows.

    In SQL, because a statement for each table is a second where a statement for each row of the tables is an hour.
    """
    changed = [area for area in after if before[area] != after[area]]
    if not changed:
        return 0
    numbers = [(before[area].lo, after[area].lo) for area in changed if before[area].lo != after[area].lo]
    # A unique index is asked row by row, and two areas that swap their numbers would meet in it. So where new numbers
    # are among the old ones all go through negative numbers; a moved subtree, whose place was free, needs that not.
    direct = not {new for _, new in numbers} & {old for old, _ in numbers}
    first = "new.number" if direct else "-1 - new.number"
    await connection.execute_query(
        f"UPDATE area SET lo = {first}, hi = new.hi"
        " FROM unnest($1::text[], $2::int[], $3::int[]) AS new (id, number, hi) WHERE area.id = new.id",
        [changed, [after[area].lo for area in changed], [after[area].hi for area in changed]],
    )
    if not direct:
        await connection.execute_query("UPDATE area SET lo = -1 - lo WHERE lo < 0")
    old, new = [pair[0] for pair in numbers], [pair[1] for pair in numbers]
    rows = 0
    for table, column in numbered_columns() if numbers else ():
        count, _ = await connection.execute_query(
            f"UPDATE {table} SET {column} = {first} FROM unnest($1::int[], $2::int[]) AS new (old, number)"
            f" WHERE {table}.{column} = new.old AND {table}.{column} BETWEEN $3 AND $4",
            [old, new, min(old), max(old)],
        )
        if not direct:
            await connection.execute_query(f"UPDATE {table} SET {column} = -1 - {column} WHERE {column} < 0")
        rows += count
    return rows


async def spans_of(connection: TransactionWrapper) -> tuple[list[Area], dict[str, Span]]:
    """Every area, in the order of numbers, and its span."""
    areas = await Area.all().using_db(connection).order_by("lo")
    return areas, {area.id: Span(area.lo, area.hi) for area in areas}


def children_of(parents: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Each area's children, in the order of `parents`, which has each area's parent."""
    children: dict[str, list[str]] = {}
    for area, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(area)
    return children
