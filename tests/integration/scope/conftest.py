"""Groves: random trees on the shared database, which is given its city back behind them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from models.database import DatabaseUrls
from services.runtime import Runtime
from tests.integration.areas.households import city_of_2022
from tests.integration.conftest import MOMENT
from tests.integration.scope.grove import as_owner, empty, forget


@pytest.fixture(scope="module")
async def owner(urls: DatabaseUrls) -> AsyncIterator[asyncpg.Connection]:
    """A connection past every wall."""
    connection = await as_owner(urls)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def ground(house: Runtime, owner: asyncpg.Connection) -> AsyncIterator[Runtime]:
    """The shared runtime, to which the city is given back when the tests of a file are over."""
    house.clock.follow(MOMENT, timedelta())
    yield house
    await empty(owner)
    forget(house)
    await city_of_2022(house)
