"""The clock of an installation that is only played: moved at once, and never thrown back by an older reading."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models.state import Mode, Role
from services.move_clock import follow_clock, move_clock
from services.problem import NotFound
from services.runtime import Runtime
from tests.integration.made import account, area

ELEVENTH = datetime(2022, 3, 11, tzinfo=UTC)
CITY = "vn-79-2022-79"


async def test_a_reading_begun_before_the_move_does_not_undo_it(runtime: Runtime) -> None:
    administrator = await account(runtime, Role.ADMINISTRATOR, await area(CITY))
    for day in range(20):
        to = ELEVENTH + timedelta(days=day)
        followers = [asyncio.ensure_future(follow_clock(runtime.clock)) for _ in range(4)]
        await asyncio.sleep(0)  # They have begun to read.
        await move_clock(runtime, administrator, to)
        await asyncio.gather(*followers)
        assert timedelta() <= runtime.clock.now() - to < timedelta(minutes=1)


async def test_every_process_follows_the_move(runtime: Runtime) -> None:
    await move_clock(runtime, await account(runtime, Role.ADMINISTRATOR, await area(CITY)), ELEVENTH)
    runtime.clock.follow(datetime.now(UTC), timedelta())
    await follow_clock(runtime.clock)
    assert abs(runtime.clock.now() - ELEVENTH) < timedelta(minutes=1)


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.COMMITTEE, Role.STATION_HEAD])
async def test_only_the_administrator_moves_it(runtime: Runtime, role: Role) -> None:
    with pytest.raises(NotFound):
        await move_clock(runtime, await account(runtime, role, await area(CITY)), ELEVENTH)


async def test_production_never_moves_it(runtime: Runtime) -> None:
    administrator = await account(runtime, Role.ADMINISTRATOR, await area(CITY))
    runtime.mode = Mode.PRODUCTION
    try:
        with pytest.raises(NotFound):
            await move_clock(runtime, administrator, ELEVENTH)
    finally:
        runtime.mode = Mode.TEST
