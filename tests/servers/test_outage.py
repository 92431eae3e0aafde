"""A database that is down, and back: honest answers meanwhile, nothing to be done afterwards."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from access.actor import ANONYMOUS
from commands.session import runtime_on
from services.import_areas import import_areas
from services.import_stations import import_stations
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import DATA, Place, serving
from tests.acceptance.declaring import DECLARE, household, person
from tests.servers.conftest import Cluster

pytestmark = pytest.mark.servers


@pytest.fixture(scope="session")
async def outage_place(postgresql15: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An installation on PostgreSQL 15 with the city of March 2022."""
    place = Place(tmp_path_factory.mktemp("outage"), postgresql15.database("outage"))
    async with runtime_on(place.settings, place.urls) as runtime:
        await import_areas(runtime, ANONYMOUS, (DATA / "areas-hcmc-2022-03.csv").read_bytes())
        await import_stations(runtime, ANONYMOUS, (DATA / "stations-hcmc-2022.csv").read_bytes())
    return place


@pytest.fixture(scope="session")
async def outage_api(outage_place: Place) -> AsyncIterator[Api]:
    """A server on it."""
    async with (
        serving(outage_place) as url,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE * 2)) as session,
    ):
        yield Api(url, session)


async def readiness(api: Api) -> int:
    """The status of the readiness probe."""
    async with api.session.get(f"{api.url}/health/ready") as response:
        return response.status


async def until(api: Api, status: int) -> None:
    """Returns when the readiness probe says so, and fails after a while."""
    async with asyncio.timeout(PATIENCE * 2):
        while await readiness(api) != status:  # noqa: ASYNC110 - a probe has no event to wait for
            await asyncio.sleep(0.1)


async def declared(api: Api, today: str) -> str:
    """What declaring answers: the type of the payload, or the code of the error."""
    order = household(person(test={"kind": "rapid_antigen", "takenOn": today}))
    reply = await api.ask(DECLARE, {"input": order})
    if "errors" in reply.json:
        assert reply.status == 503
        assert reply.json["errors"][0]["extensions"]["retryAfter"] >= 1
        return reply.code
    answer: str = reply.data["declare"]["__typename"]
    return answer


async def test_while_the_database_is_down_answers_say_retry_and_afterwards_all_is_well(
    outage_api: Api, postgresql15: Cluster
) -> None:
    today = (await outage_api.ask("{ installation { today } }")).data["installation"]["today"]
    assert await declared(outage_api, today) == "Receipt"
    await asyncio.to_thread(postgresql15.stop)
    try:
        await until(outage_api, 503)
        assert await declared(outage_api, today) in ("OVERLOADED", "UNAVAILABLE")
    finally:
        await asyncio.to_thread(postgresql15.start)
    await until(outage_api, 200)
    assert await declared(outage_api, today) == "Receipt"


async def test_the_server_is_alive_all_the_while(outage_api: Api) -> None:
    async with outage_api.session.get(f"{outage_api.url}/health/live") as response:
        assert response.status == 200


async def test_the_log_says_nothing_of_a_person(outage_api: Api, outage_place: Place) -> None:
    text = "".join(path.read_text() for path in outage_place.folder.glob("server-*.log"))
    assert "database_away" in text
    assert [told for told in ("Trần", "Lê Lợi", "912345678", "0912 345 678") if told in text] == []
