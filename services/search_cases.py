"""Finding a person by name among the cases of one ward, although the database knows no name.

The ward's open cases are unsealed one after the other, compared, and forgotten: docs/decisions/0016 says why.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from access.visible import scope
from models.area import Area
from models.case import Case
from services.check_household import NAME_LENGTH
from services.counted_disease import counted
from services.danger_order import CASES, Narrowing, page_of, read_keys
from services.list_cases import CaseFilter, narrowing_of
from services.name_match import folded_words, matches
from services.page import Page, page_size
from services.place import resolve_area
from services.problem import InvalidInput
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.fault import Fault

MOST = 2_000
"""The most cases that one search looks through."""

_AT_ONCE = 200

# In the order of the keys, which are the list's. The range is asked for again, as `visible` does for every row.
_IDENTITIES = """
SELECT c.id, c.identity FROM unnest($1::uuid[]) WITH ORDINALITY AS k (id, place) JOIN illness_case c ON c.id = k.id
WHERE c.area_no BETWEEN $2 AND $3 ORDER BY k.place
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the cases found, and how many were looked through for it."""

    page: Page[Case]
    looked_through: int


async def search_cases(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    wanted: CaseFilter,
    name: str,
    first: int | None = None,
    after: str | None = None,
) -> Found:
    """The cases of a ward whose person's name has words that begin like those of `name`; accents do not matter.

    Without `states` in the filter only open cases are looked through. Raises NotFound (unknown area, outside, or a role
    that sees no persons), InvalidInput (an area with others below it, more than MOST cases, a name without a letter,
    `first` out of bounds), InvalidCursor.
    """
    size, words = page_size(first), folded_words(name)
    area, where = await resolve_area(actor, Action.SEE_PERSON, connection, wanted.area_id)
    if faults := tuple(text_faults(("name",), name, NAME_LENGTH)):
        raise InvalidInput(faults)
    if not words:
        raise InvalidInput((Fault(("name",), "REQUIRED"),))
    if await _is_divided(runtime, connection, area):
        raise InvalidInput((Fault(("area_id",), "SEARCH_TOO_WIDE"),))
    narrowing = await counted(_narrowing(wanted), wanted.disease)
    keys = await read_keys(CASES, connection, where, narrowing, MOST + 1, after)
    if len(keys) > MOST:
        raise InvalidInput((Fault(("area_id",), "TOO_MANY_TO_SEARCH", {"maximum": MOST}),))
    found, looked = [], 0
    async for key, known in _names(runtime, actor, connection, keys):
        looked += 1
        if matches(words, known):
            found.append(key)
        if len(found) > size:
            break
    return Found(await page_of(actor, Case, CASES, connection, found, size), looked)


def _narrowing(wanted: CaseFilter) -> Narrowing:
    found = narrowing_of(wanted)
    if wanted.states is not None:
        return found
    return Narrowing(found.states, found.ranks, [*found.conditions, ("t.closed_at IS NULL", None)], found.rare)


async def _is_divided(runtime: Runtime, connection: AsyncpgDBClient, area: Area) -> bool:
    day = runtime.clock.day()
    below = await Area.filter(parent_id=area.id, valid_from__lte=day).using_db(connection)
    return any(one.valid_to is None or one.valid_to > day for one in below)


async def _names(
    runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, keys: Sequence[Any]
) -> AsyncIterator[tuple[Any, str]]:
    """Each key with the name of its person; what was made anonymous has none."""
    where = scope(actor, Action.SEE_PERSON)
    for start in range(0, len(keys), _AT_ONCE):
        # Some at a time, with a pause for everybody else whom this process serves.
        await asyncio.sleep(0)
        part = {key["id"]: key for key in keys[start : start + _AT_ONCE]}
        _, rows = await connection.execute_query(_IDENTITIES, [list(part), where.lo, where.hi])
        for row in rows:
            if row["identity"]:
                name = runtime.sealer.open(f"case:{row['id']}", row["identity"]).get("name")
                yield part[row["id"]], str(name or "")
