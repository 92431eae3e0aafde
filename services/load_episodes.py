"""A person's cases one after the other, and how they were merged, for many cases at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.visible import by_grant, reachable
from models.case import Case
from models.person_merge import PersonMerge
from models.state import CaseState
from services.batch import MOST_A_CASE, padded


async def episodes_of_persons(
    actor: Actor, connection: AsyncpgDBClient, person_ids: Collection[UUID]
) -> dict[UUID, list[Case]]:
    """The cases of each person that the actor may see, newest first, 50 at the most; not those that rest in another."""
    found: dict[UUID, list[Case]] = {id: [] for id in person_ids}
    cases = reachable(actor, Case, connection).filter(person_id__in=padded(person_ids)).exclude(state=CaseState.MERGED)
    for row in by_grant(actor, await cases.order_by("-opened_at", "-id")):
        if len(found[row.person_id]) < MOST_A_CASE:
            found[row.person_id].append(row)
    return found


async def merges_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> dict[UUID, list[PersonMerge]]:
    """The merges that each case had part in and that the actor may see, newest first, 50 at the most."""
    found: dict[UUID, list[PersonMerge]] = {id: [] for id in case_ids}
    ids = padded(case_ids)
    merges = reachable(actor, PersonMerge, connection).filter(Q(case_id__in=ids) | Q(merged_case_id__in=ids))
    for row in await merges.order_by("-id"):
        for id in (row.case_id, row.merged_case_id):
            if len(found.get(id, ())) < MOST_A_CASE and id in found:
                found[id].append(row)
    return found
