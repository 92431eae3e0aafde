"""Changing many cases in one transaction: the same steps as for one, each with one statement for all of them.

Three hundred cases one after another are three thousand statements, and a station would wait; so what is written is
written together, and only what is decided is decided case by case.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import orjson
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.case import Case
from models.case_event import CaseEvent
from models.declaration import Declaration
from services.batch import padded
from services.change_case import MOVED
from services.problem import InvalidInput
from triage.fault import Fault

MOST_AT_ONCE = 300
"""How many objects one call may change: what a ward has on its worst morning, within a few seconds."""

# One statement whatever the columns are: PostgreSQL takes their types from the table itself.
_SAVE = """
UPDATE illness_case AS c SET {columns}
FROM jsonb_populate_recordset(NULL::illness_case, $1::jsonb) AS r WHERE c.id = r.id
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One object of a call about many, with the version that the caller has seen, if they said one."""

    id: UUID
    version: int | None = None


def at_most(count: int, field: str) -> None:
    """Raises InvalidInput for a call about nothing, or about more than 300 objects."""
    if not 1 <= count <= MOST_AT_ONCE:
        raise InvalidInput((Fault((field,), "OUT_OF_BOUNDS", {"minimum": 1, "maximum": MOST_AT_ONCE}),))


async def locked_cases(connection: AsyncpgDBClient, actor: Actor, ids: Collection[UUID]) -> dict[UUID, Case]:
    """Those of the cases that the actor may see, locked by their identifiers' order until the transaction ends."""
    rows = visible(actor, Case, connection).filter(id__in=padded(ids)).order_by("id").select_for_update()
    return {case.id: case for case in await rows}


async def locked_declarations(
    connection: AsyncpgDBClient, actor: Actor, ids: Collection[UUID]
) -> dict[UUID, tuple[Declaration, Case]]:
    """Those of the declarations that the actor may see, with their cases, all locked: the cases first."""
    seen = await visible(actor, Declaration, connection).filter(id__in=padded(ids)).values_list("case_id", flat=True)
    if not seen:
        return {}
    cases = await locked_cases(connection, actor, cast("list[UUID]", seen))
    # Read again: one may have been settled, or have gone to another ward, while somebody else held its case.
    rows = visible(actor, Declaration, connection).filter(id__in=padded(ids)).order_by("id").select_for_update()
    return {one.id: (one, cases[one.case_id]) for one in await rows if one.case_id in cases}


async def save_cases(connection: AsyncpgDBClient, cases: Sequence[Case], *columns: str) -> None:
    """Writes what `advance` has changed of them, and these columns besides. None of them may hold bytes."""
    changed = sorted(MOVED | set(columns))
    rows = [{"id": case.id} | {name: getattr(case, name) for name in changed} for case in cases]
    sql = _SAVE.format(columns=", ".join(f"{name} = r.{name}" for name in changed))
    await connection.execute_query(sql, [orjson.dumps(rows, default=str).decode()])


async def note_all(connection: AsyncpgDBClient, lines: Sequence[CaseEvent]) -> None:
    """Writes lines of timelines, made by `line_of`."""
    await CaseEvent.bulk_create(lines, using_db=connection)
