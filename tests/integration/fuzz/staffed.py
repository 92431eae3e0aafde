"""Drawn worlds with somebody of every role where the cases are: what is asked for is mostly within reach."""

import random
from dataclasses import replace

import asyncpg

from models.area import Area
from models.database import DatabaseUrls, service_connection
from models.state import Role
from services.runtime import Runtime
from tests.integration.made import account
from tests.integration.scope.grove import Grove, plant


async def plant_staffed(
    runtime: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection, chance: random.Random
) -> Grove:
    """A drawn world, with accounts of every role at its top and at the two areas that have most cases."""
    grove = await plant(runtime, urls, owner, chance)
    cases = [case["area_id"] for case in (await grove.rows()).cases.values()]
    busy = sorted(set(cases), key=cases.count, reverse=True)[:2]
    tops = [area for area, above in grove.parents.items() if above is None]
    for place in {*busy, *tops}:
        area = await Area.get(id=place, using_db=service_connection())
        for role in Role:
            made = await account(runtime, role, area)
            grove.actors += [made, replace(made, doctor=True)]
    return grove
