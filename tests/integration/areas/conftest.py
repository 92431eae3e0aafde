"""A database without any area, for the tests that make their own; the city is put back behind them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from clock import Clock
from models.database import DatabaseUrls
from models.migrate import plain
from services.runtime import Runtime
from tests.integration.areas.households import MARCH_2022, city_of_2022, on

KEPT = ("installation", "tortoise_migrations")


async def _empty(urls: DatabaseUrls) -> None:
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        rows = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = ", ".join(row["tablename"] for row in rows if row["tablename"] not in KEPT)
        await owner.execute(f"TRUNCATE {names}")
    finally:
        await owner.close()


@pytest.fixture(scope="module")
async def house_without_areas(house: Runtime, urls: DatabaseUrls) -> AsyncIterator[Runtime]:
    """The shared runtime, to which the city is given back when the tests of a file are over."""
    yield house
    await _empty(urls)
    await city_of_2022(house)


@pytest.fixture
async def runtime(house_without_areas: Runtime, urls: DatabaseUrls) -> Runtime:
    """A runtime in March 2022 on a database without areas; its clock is its own."""
    await _empty(urls)
    return on(replace(house_without_areas, clock=Clock()), MARCH_2022)
