"""Looking for cases that may be of the same person, for a station to see side by side.

Every case of the ward is unsealed, compared and forgotten, as in a search by name (docs/decisions/0016 says why);
beyond the ward only what a hash leads to, and only within the actor's areas.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action, may
from access.visible import visible
from models.case import Case
from models.person import PersonKey
from models.state import CaseState
from services.identify import opened
from services.likeness import Described, Likeness, likeness
from services.person_key import person_keys
from services.problem import NotFound
from services.runtime import Runtime

MOST = 2_000
"""The most cases of a ward that are compared: those not over, then the newest."""

SHOWN = 20
"""The most candidates."""

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that may be of the same person, and why it was found."""

    case: Case
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Found:
    """The case, its candidates, the most alike first, and how many cases were looked through."""

    case: Case
    candidates: list[Candidate]
    looked_through: int


async def find_duplicates(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, case_id: UUID) -> Found:
    """What may be the same person as this case's. Raises NotFound (unknown, outside, or a role that merges nobody)."""
    if not may(actor, Action.MERGE_PERSONS):
        raise NotFound
    case = await visible(actor, Case, connection).filter(id=case_id).first()
    if case is None:
        raise NotFound
    if not case.identity or case.state is CaseState.MERGED:
        return Found(case, [], 0)
    mine = Described(opened(runtime, case), case.sex)
    known = await _known_by_key(runtime, connection, mine, case)
    candidates: list[Candidate] = []
    others = await _others(actor, connection, case, known)
    for start in range(0, len(others), _AT_ONCE):
        # Some at a time, with a pause for everybody else whom this process serves.
        await asyncio.sleep(0)
        for other in others[start : start + _AT_ONCE]:
            found = likeness(
                mine,
                Described(opened(runtime, other), other.sex),
                same_person=other.person_id == case.person_id,
                same_key=other.person_id in known,
            )
            if found.speaks_for:
                candidates.append(Candidate(other, found))
    candidates.sort(key=lambda one: (*one.likeness.order, one.case.opened_at, one.case.id))
    return Found(case, candidates[:SHOWN], len(others))


async def _known_by_key(runtime: Runtime, connection: AsyncpgDBClient, mine: Described, case: Case) -> set[UUID]:
    """Other persons to whom this one's national id leads: it belongs to whoever was reported with it first."""
    who = mine.identity
    if not who.national_id:
        return set()
    _, hashes = person_keys(runtime.pseudonymiser, who.phone, who.name, "", who.national_id)
    rows = await PersonKey.filter(hash__in=hashes).using_db(connection)
    return {row.person_id for row in rows} - {case.person_id}


async def _others(actor: Actor, connection: AsyncpgDBClient, case: Case, known: set[UUID]) -> list[Case]:
    seen = visible(actor, Case, connection).filter(anonymised_at__isnull=True).exclude(state=CaseState.MERGED)
    seen = seen.exclude(id=case.id)
    # What is the same person's and over is an episode of its own, and no duplicate.
    of_others = ~Q(person_id=case.person_id) | Q(closed_at__isnull=True, disease=case.disease)
    ward = await seen.filter(of_others, area_no=case.area_no).order_by("-closed_at", "-opened_at", "id").limit(MOST)
    beyond = await (
        seen.filter(of_others, Q(person_id__in=known) | Q(person_id=case.person_id))
        .exclude(area_no=case.area_no)
        .order_by("id")
        .limit(SHOWN)
    )
    return [*ward, *beyond]
