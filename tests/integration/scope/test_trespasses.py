"""What the oracle of writes lets pass, and what not."""

import random
from uuid import UUID

import asyncpg
import pytest

from access.actor import ANONYMOUS, Actor
from models.area import Area
from models.database import DatabaseUrls, service_connection
from models.state import Role
from services.declare import declare
from services.erase_person import erase_person
from services.merge_persons import merge_persons
from services.reroute_declaration import reroute_declaration
from services.runtime import Runtime
from tests.integration.made import HEALTHY, account
from tests.integration.scope.day import REASON
from tests.integration.scope.grove import Grove, plant
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.planted import Household
from tests.integration.scope.rows import Change
from tests.integration.scope.writes import trespasses


@pytest.fixture
async def grove(ground: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection) -> Grove:
    """A world with a district of three wards."""
    for seed in range(100):
        grown = await plant(ground, urls, owner, random.Random(f"wards/{seed}"))
        if len(_wards(grown)) >= 3:
            return grown
    raise AssertionError("no tree of three wards was drawn")


def _wards(grove: Grove) -> list[str]:
    """The places where people live below the first root."""
    top = next(iter(grove.parents))
    return [area for area in grove.leaves() if grove.below(area, top)]


async def _household(grove: Grove, ward: str, size: int = 1) -> list[tuple[UUID, UUID]]:
    """So many people's report there: the declaration and the case of each."""
    people = tuple(range(grove.people, grove.people + size))
    made = Household(len(grove.households), people, people)
    grove.people, grove.households[made.number] = grove.people + size, made
    await declare(grove.runtime, ANONYMOUS, made.report(grove.codes[ward], [HEALTHY] * size))
    rows = (await grove.rows()).declarations
    return [(id, row["case_id"]) for id, row in rows.items() if row["idempotency_key"] == made.key]


async def _staff(grove: Grove, role: Role, area: str) -> Actor:
    return await account(grove.runtime, role, await Area.get(id=area, using_db=service_connection()))


async def test_the_report_of_a_case_that_rests_in_ones_own_goes_along_and_no_other_one(grove: Grove) -> None:
    elsewhere, here, there = _wards(grove)[:3]
    chief = await _staff(grove, Role.DEPARTMENT, next(iter(grove.parents)))
    head = await _staff(grove, Role.STATION_HEAD, here)
    [(_, resting)], [(waiting, goes_on)] = await _household(grove, elsewhere), await _household(grove, here)
    [(_, other)] = await _household(grove, elsewhere)
    await merge_persons(grove.runtime, chief, (goes_on, None), (resting, None))
    before = await grove.rows()

    await reroute_declaration(grove.runtime, head, waiting, there, REASON)

    oracle, changes = Oracle(grove, before), (await grove.rows()).changed(before)
    submission = _submission(oracle, resting)
    moved = [one.area_id for one in changes if (one.table, one.key) == ("submission", submission)]
    assert set(moved) == {elsewhere, there}
    assert trespasses(oracle, head, "rerouteDeclaration", None, changes) == []
    strange = Change("submission", _submission(oracle, other), elsewhere, None)
    assert trespasses(oracle, head, "rerouteDeclaration", None, [*changes, strange]) == [
        f"submission {strange.key} of {elsewhere}: outside of what STATION_HEAD of {here} may change"
    ]


async def test_what_a_household_gave_goes_with_the_last_of_them_wherever_it_lies(grove: Grove) -> None:
    elsewhere, here = _wards(grove)[:2]
    chief = await _staff(grove, Role.DEPARTMENT, next(iter(grove.parents)))
    department = await _staff(grove, Role.DEPARTMENT, here)
    (_, stays), (sent, goes) = await _household(grove, elsewhere, 2)
    await reroute_declaration(grove.runtime, chief, sent, here, REASON)
    first = await grove.rows()
    await erase_person(grove.runtime, chief, stays, REASON)
    before = await grove.rows()

    await erase_person(grove.runtime, department, goes, REASON)

    after = await grove.rows()
    of_both = ("submission", _submission(Oracle(grove, before), goes))
    assert of_both not in [(one.table, one.key) for one in before.changed(first)]
    changes = after.changed(before)
    assert [one.area_id for one in changes if (one.table, one.key) == of_both] == [elsewhere]
    assert trespasses(Oracle(grove, before), department, "erasePerson", None, changes) == []


def _submission(oracle: Oracle, case: UUID) -> str:
    return next(str(row["submission_id"]) for row in oracle.rows.declarations.values() if row["case_id"] == case)
