"""Locking two persons and their cases, so that no report joins either while they become one or two."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.case import Case
from models.person import PersonKey
from services.problem import Conflict, Current, NotFound
from services.recognise import one_after_another


async def locked_pair(
    connection: AsyncpgDBClient,
    actor: Actor,
    first: tuple[UUID, int | None],
    second: tuple[UUID, int | None],
) -> tuple[Case, Case]:
    """Both cases with their persons locked, each with the version that the caller has seen of it.

    Raises NotFound where the actor may not see both, Conflict (STALE_VERSION) for one that was changed since.
    """
    ids = [first[0], second[0]]
    await lock_persons_of(
        connection, [row.person_id for row in await visible(actor, Case, connection).filter(id__in=ids)]
    )
    rows = await visible(actor, Case, connection).filter(id__in=ids).order_by("id").select_for_update()
    found = {row.id: row for row in rows}
    if len(found) < len(ids):
        raise NotFound
    for id, version in (first, second):
        if version is not None and found[id].version != version:
            values: dict[str, object] = {"version": found[id].version, "seen": version}
            raise Conflict("STALE_VERSION", Current("CASE", id), values)
    return found[first[0]], found[second[0]]


async def lock_persons_of(connection: AsyncpgDBClient, person_ids: Collection[UUID]) -> None:
    """Every hash that leads to these persons is locked, and their open cases, in the order in which a report does."""
    keys = await PersonKey.filter(person_id__in=list(person_ids)).using_db(connection)
    await one_after_another(connection, [key.hash for key in keys])
