"""Merging and unmerging is the identity, after whatever story; and a story in between stays where it was told."""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from access.actor import Actor
from models.area import Area
from models.case import Case
from models.database import service_connection
from models.person_merge import PersonMerge
from models.state import Role
from services.change_case import CLOSED
from services.declare import declare
from services.identity_field import IdentityField
from services.merge_persons import merge_persons
from services.problem import Conflict
from services.recount import recount
from services.runtime import Runtime
from services.unmerge_persons import unmerge_persons
from tests.integration.made import account, area, household, person, wards
from tests.integration.people.tables import everything
from tests.integration.reads.story import REPORTS, tell
from tests.integration.residents.resident import resident

CITY = "vn-79-2022-79"
NAMES = ["Trần Thị Bích", "Tran Thi Bich", "Trần Bích", "Lê An"]
PHONES = ["0912345678", "0987654321", "0900000003"]
OF_A_CASE = ("alert", "declaration", "check_in", "assessment", "contact_attempt", "referral", "release_test")


async def city(runtime: Runtime) -> Actor:
    return await account(runtime, Role.DEPARTMENT, await area(CITY))


async def same_people(runtime: Runtime, chance: random.Random, places: list[Area], how_many: int) -> None:
    """Reports from proven phones, of few people under changing names: keys, joins, several cases of one."""
    test_on = runtime.clock.day() - timedelta(days=1)
    for _ in range(how_many):
        phone = chance.choice(PHONES)
        who = person(
            replace(chance.choice(REPORTS), test_on=test_on),
            name=chance.choice(NAMES),
            national_id=chance.choice([None, "079050000001", "079050000002"]),
        )
        await declare(runtime, resident(runtime, phone), household(who, ward=chance.choice(places), phone=phone))


async def some_merge(runtime: Runtime, staff: Actor, chance: random.Random) -> PersonMerge | None:
    """Two cases drawn, and fields; None where these two are not to be merged."""
    cases = await Case.all().order_by("id").using_db(service_connection())
    keep, merge = chance.sample(cases, 2)
    take = [field for field in IdentityField if chance.random() < 0.4]
    with suppress(Conflict):
        return await merge_persons(runtime, staff, (keep.id, keep.version), (merge.id, merge.version), take)
    return None


@pytest.mark.parametrize("seed", range(8))
async def test_merge_and_unmerge_is_the_identity(runtime: Runtime, seed: int) -> None:
    chance, staff, places = random.Random(seed), await city(runtime), await wards(2)
    await same_people(runtime, chance, places, 6)
    await tell(runtime, staff, places, 15, seed)
    await same_people(runtime, chance, places, 4)
    states = [await everything(runtime)]
    merges: list[PersonMerge] = []
    while len(merges) < 5:
        made = await some_merge(runtime, staff, chance)
        if made and made.id not in [merge.id for merge in merges]:
            merges.append(made)
            states.append(await everything(runtime))
            assert not (await recount()).differences
    assert all(one != other for one, other in pairwise(states))
    # Each undone gives back the moment before it: so several merges of the same people do not get into one another.
    for merge, before in zip(reversed(merges), reversed(states[:-1]), strict=True):
        await unmerge_persons(runtime, staff, merge.merged_case_id)
        assert await everything(runtime) == before
        assert not (await recount()).differences


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_done_in_between_stays_on_the_side_it_was_done_on(runtime: Runtime, seed: int) -> None:
    chance, staff, places = random.Random(100 + seed), await city(runtime), await wards(2)
    await same_people(runtime, chance, places, 6)
    await tell(runtime, staff, places, 8, seed)
    merge = None
    while merge is None:
        merge = await some_merge(runtime, staff, chance)
    [resting] = await Case.filter(id=merge.merged_case_id).using_db(service_connection())
    await tell(runtime, staff, places, 15, seed + 1)
    await same_people(runtime, chance, places, 4)
    rows = await of_cases(runtime)
    kept = await Case.get(id=merge.case_id, using_db=service_connection())
    await unmerge_persons(runtime, staff, merge.merged_case_id)
    # No row has changed sides, and none is gone.
    assert await of_cases(runtime) == rows
    left = await Case.get(id=merge.case_id, using_db=service_connection())
    back = await Case.get(id=merge.merged_case_id, using_db=service_connection())
    assert (left.state, left.closed_at, left.confirmed_at) == (kept.state, kept.closed_at, kept.confirmed_at)
    if resting.merged_into:
        assert back.state is merge.state_before
        assert (back.closed_at is not None) == (back.state in CLOSED)
    assert (left.person_id, back.person_id) == (merge.person_id, merge.merged_person_id)
    assert not (await recount()).differences


async def of_cases(runtime: Runtime) -> dict[str, list[tuple[object, object]]]:
    """Which case each row names."""
    tables = await everything(runtime)
    return {table: [(row["id"], row["case_id"]) for row in tables[table]] for table in OF_A_CASE}
