"""Uploaded photos become a declaration's or a case's: each once, and only those of whoever names them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from services.upload_ticket import owner_of
from triage.fault import Fault

MOST_A_REPORT = 8
"""Photos of one declaration, and of what a station adds to one case: the test and both sides of a card, twice."""

# In the order of their ids, so that two who name the same ones do not wait for each other.
_LOCK = "SELECT id FROM evidence WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
_FREE = """e.uploaded_at IS NOT NULL AND e.removed_at IS NULL AND e.case_id IS NULL
    AND (e.owner IS NULL OR e.owner = u.owner)"""
_TAKE = f"""
WITH taken AS (
  UPDATE evidence e SET case_id = u.case_id, declaration_id = u.declaration_id, area_no = u.area_no, owner = NULL
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[])
    AS u (id, case_id, declaration_id, area_no, owner)
  WHERE e.id = u.id AND {_FREE}
  RETURNING e.id
)
SELECT id FROM taken
"""
_LOOK = f"""
SELECT e.id FROM unnest($1::uuid[], $2::text[]) AS u (id, owner) JOIN evidence e ON e.id = u.id WHERE {_FREE}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """One photo, whose it becomes, and where in the input it was named."""

    evidence_id: UUID
    case_id: UUID
    declaration_id: UUID | None
    area_no: int
    path: tuple[str | int, ...]


async def take_evidence(connection: AsyncpgDBClient, actor: Actor, wanted: Sequence[Taken]) -> tuple[Fault, ...]:
    """Gives each photo to its declaration or case; a fault for each that is unknown, another's, or taken already.

    With a fault the caller rolls its transaction back. The connection is the service's: a photo that nobody has
    declared yet is in no area, so it is narrowed to the ids named and to the actor as their owner.
    """
    taken = await take_of_many(connection, [(actor, one) for one in wanted])
    return tuple(Fault(one.path, "UNKNOWN_EVIDENCE") for one in wanted if one.evidence_id not in taken)


async def take_of_many(connection: AsyncpgDBClient, wanted: Sequence[tuple[Actor, Taken]]) -> Collection[UUID]:
    """The same of several actors, each only what is theirs; the photos that were taken."""
    if not wanted:
        return ()
    await connection.execute_query(_LOCK, [[one.evidence_id for _, one in wanted]])
    _, rows = await connection.execute_query(
        _TAKE,
        [
            [one.evidence_id for _, one in wanted],
            [one.case_id for _, one in wanted],
            [one.declaration_id for _, one in wanted],
            [one.area_no for _, one in wanted],
            [owner_of(actor) for actor, _ in wanted],
        ],
    )
    return {row["id"] for row in rows}


async def free_photos(connection: AsyncpgDBClient, named: Sequence[tuple[Actor, UUID]]) -> set[UUID]:
    """Those of the photos that could be taken at the moment by whoever names them; nothing is locked."""
    if not named:
        return set()
    _, rows = await connection.execute_query(
        _LOOK, [[photo for _, photo in named], [owner_of(actor) for actor, _ in named]]
    )
    return {row["id"] for row in rows}


def evidence_faults(path: tuple[str | int, ...], ids: Sequence[UUID]) -> list[Fault]:
    """What can be wrong with a list of photos before anybody looks them up: too many, or one twice."""
    if len(ids) > MOST_A_REPORT:
        return [Fault(path, "OUT_OF_BOUNDS", {"minimum": 0, "maximum": MOST_A_REPORT})]
    return [Fault((*path, index), "NAMED_TWICE") for index, id in enumerate(ids) if id in ids[:index]]
