"""A watcher of an area's figures is told at once, then on change, and only while it may see them."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator

import pytest

from access.actor import ANONYMOUS, Actor
from access.authenticate import Unauthenticated
from models.account import Account, Session
from models.area_count import ALL_DAYS, AreaCount
from models.database import service_connection
from models.state import Role
from services.declare import declare
from services.open_session import open_session
from services.problem import NotFound
from services.runtime import Runtime
from services.watch_summary import watch_summary
from tests.integration.made import account, area, household, wards
from tests.integration.standing import changing


@pytest.fixture
async def runtime(runtime: Runtime) -> Runtime:
    """The runtime, with versions unlike those of the test before.

    The hub compares with its last look, which was at another test's wards; in life versions never begin anew.
    """
    for ward in await wards(2):
        await AreaCount.create(
            using_db=service_connection(),
            area_id=ward.id,
            area_no=ward.lo,
            disease=runtime.disease,
            day=ALL_DAYS,
            version=time.monotonic_ns(),
        )
    return runtime


async def tick(ticks: AsyncGenerator[Actor, None]) -> Actor:
    """The next tick, or a failure after ten seconds."""
    async with asyncio.timeout(10):
        return await anext(ticks)


async def signed_in(runtime: Runtime, actor: Actor) -> Actor:
    """The actor with a session that can be ended."""
    return (await open_session(runtime, service_connection(), account_id=actor.account_id)).actor


async def test_a_watcher_is_told_at_once_and_after_a_declaration(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    actor = await account(runtime, Role.COMMITTEE, await area(ward.parent_id))
    ticks = watch_summary(runtime, actor)
    assert await tick(ticks) == actor
    await declare(runtime, ANONYMOUS, household(ward=ward))
    assert await tick(ticks) == actor
    await ticks.aclose()


async def test_a_watcher_is_not_told_of_another_area(runtime: Runtime) -> None:
    (ward, elsewhere) = await wards(2)
    here = watch_summary(runtime, await account(runtime, Role.STATION_STAFF, ward))
    there = watch_summary(runtime, await account(runtime, Role.STATION_STAFF, elsewhere))
    told: list[Actor] = []
    listening = asyncio.create_task(_collect(here, told))
    for _ in range(3):
        await tick(there)
        await declare(runtime, ANONYMOUS, household(ward=elsewhere))
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await there.aclose()
    # Once at once, and once by the hub's first look, which cannot know what was before.
    assert 1 <= len(told) <= 2


async def _collect(ticks: AsyncGenerator[Actor, None], told: list[Actor]) -> None:
    while True:
        told.append(await anext(ticks))


async def test_ticks_are_at_least_a_second_apart(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    ticks = watch_summary(runtime, await account(runtime, Role.STATION_STAFF, ward))
    moments = []
    for _ in range(3):
        await tick(ticks)
        moments.append(asyncio.get_running_loop().time())
        await declare(runtime, ANONYMOUS, household(ward=ward))
    await ticks.aclose()
    assert min(later - earlier for earlier, later in itertools.pairwise(moments)) >= 1.0


async def test_a_watcher_whose_session_ends_is_told_no_more(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    actor = await signed_in(runtime, await account(runtime, Role.STATION_STAFF, ward))
    ticks = watch_summary(runtime, actor)
    await tick(ticks)
    async with changing() as connection:
        await Session.filter(id=actor.session_id).using_db(connection).update(ended_at=runtime.clock.now())
    await declare(runtime, ANONYMOUS, household(ward=ward))
    with pytest.raises(Unauthenticated):
        await tick(ticks)


async def test_a_watcher_whose_account_is_moved_loses_the_area(runtime: Runtime) -> None:
    (ward, elsewhere) = await wards(2)
    actor = await signed_in(runtime, await account(runtime, Role.STATION_STAFF, ward))
    ticks = watch_summary(runtime, actor, ward.id)
    await tick(ticks)
    async with changing() as connection:
        await Account.filter(id=actor.account_id).using_db(connection).update(area_id=elsewhere.id)
    await declare(runtime, ANONYMOUS, household(ward=ward))
    with pytest.raises(NotFound):
        await tick(ticks)


async def test_an_area_outside_cannot_be_watched(runtime: Runtime) -> None:
    (ward, elsewhere) = await wards(2)
    with pytest.raises(NotFound):
        await tick(watch_summary(runtime, await account(runtime, Role.COMMITTEE, ward), elsewhere.id))
