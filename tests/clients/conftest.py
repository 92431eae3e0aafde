"""A server of its own for the clients of others, and what a subscriber must have heard in the end."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from models.embedded import EmbeddedPostgres
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place, furnish, serving, sign_in


@pytest.fixture(scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """The city of March 2022 on a PostgreSQL of its own."""
    async with EmbeddedPostgres(tmp_path_factory.mktemp("clients-postgres"), durable=False) as postgres:
        place = Place(tmp_path_factory.mktemp("clients"), await postgres.database("khaibao_clients", fresh=True))
        await furnish(place)
        yield place


@pytest.fixture(scope="session")
async def server(place: Place) -> AsyncIterator[str]:
    """The server's URL."""
    async with serving(place) as url:
        yield url


@pytest.fixture(scope="session")
async def api(server: str) -> AsyncIterator[Api]:
    """Somebody without a session."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE * 2)) as session:
        yield Api(server, session)


@pytest.fixture(scope="session")
async def station(api: Api) -> Api:
    """A nurse of the ward's station."""
    return api.acting(await sign_in(api, "station"))
