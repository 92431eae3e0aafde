"""Queries of staff on a streaming replica of PostgreSQL 15: how old they may be, and what they never miss."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace

import aiohttp
import asyncpg
import pytest

from models.migrate import plain
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place, execute, furnish, served, sign_in
from tests.acceptance.declaring import breathless, declare
from tests.acceptance.test_alerts import ACKNOWLEDGE, OPEN
from tests.servers.conftest import Cluster, open_folder
from tests.servers.standby import Standby, url_on

pytestmark = pytest.mark.servers

STALENESS = 4.0
"""How old the replica may be here, in seconds: enough for a slow machine to look while it is still young."""


@pytest.fixture(scope="module")
async def place(postgresql15: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The city of March 2022 on PostgreSQL 15."""
    place = Place(tmp_path_factory.mktemp("replicated"), postgresql15.database("replicated"))
    await furnish(place)
    return place


@pytest.fixture(scope="module")
def standby(place: Place, postgresql15: Cluster) -> Iterator[Standby]:
    """A replica of it."""
    with open_folder() as folder:
        standby = Standby(folder)
        standby.follow(postgresql15)
        try:
            yield standby
        finally:
            standby.stop()


@pytest.fixture(scope="module")
async def servers(place: Place, standby: Standby, postgresql15: Cluster) -> AsyncIterator[list[Api]]:
    """Two servers that read from it."""
    more = {
        "KHAIBAO_REPLICA_URL": url_on(standby.folder, place.urls.application, postgresql15.folder),
        "KHAIBAO_REPLICA_STALENESS": str(STALENESS),
        "KHAIBAO_POOL_SIZE": "4",
        "KHAIBAO_SERVICE_POOL_SIZE": "6",
    }
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        started = [await stack.enter_async_context(served(replace(place, more=more))) for _ in range(2)]
        yield [Api(url, session) for url, _ in started]


@pytest.fixture
async def held(standby: Standby, servers: list[Api], postgresql15: Cluster) -> AsyncIterator[list[Api]]:
    """The same, with the replica stopped where it is, and young."""
    await asyncio.to_thread(standby.caught_up, postgresql15)
    await asyncio.to_thread(standby.hold)
    yield servers
    await asyncio.to_thread(standby.go_on)
    await asyncio.to_thread(standby.caught_up, postgresql15)


async def alert_of(api: Api, case: str) -> str | None:
    """The open alert of a case in the newest page, None where the reader sees none."""
    nodes = (await api.data(OPEN, {"first": 100}))["alerts"]["nodes"]
    return next((node["id"] for node in nodes if node["case"]["id"] == case), None)


async def declared(api: Api) -> str:
    """Somebody who has to be called now; their case."""
    case: str = (await declare(api, breathless()))["declarations"][0]["case"]["id"]
    return case


async def test_what_others_write_is_seen_within_the_bound_and_not_before_the_replica_has_it(held: list[Api]) -> None:
    station = held[0].acting(await sign_in(held[0], "station"))
    assert await alert_of(station, "none") is None
    began = time.monotonic()
    case = await declared(held[0])
    # The replica has answered: the primary has the alert already.
    assert await alert_of(station, case) is None
    async with asyncio.timeout(STALENESS + PATIENCE):
        while await alert_of(station, case) is None:  # noqa: ASYNC110 - the bound is what is waited for
            await asyncio.sleep(0.05)
    assert time.monotonic() - began < STALENESS + 2


async def test_a_session_sees_its_own_writes_at_once_in_every_process(
    servers: list[Api], standby: Standby, postgresql15: Cluster
) -> None:
    case = await declared(servers[0])
    station, colleague = [await sign_in(servers[0], name) for name in ("station", "colleague")]
    await asyncio.to_thread(standby.caught_up, postgresql15)
    await asyncio.to_thread(standby.hold)
    try:
        alert = await alert_of(servers[0].acting(station), case)
        assert alert is not None
        done = await servers[0].acting(station).data(ACKNOWLEDGE, {"input": {"id": alert}})
        assert done["acknowledgeAlert"]["__typename"] == "AlertAcknowledged"
        # Others read what may be a moment old; whoever has done it never does.
        assert await alert_of(servers[0].acting(colleague), case) == alert
        assert [await alert_of(server.acting(station), case) for server in servers] == [None, None]
    finally:
        await asyncio.to_thread(standby.go_on)
    await asyncio.to_thread(standby.caught_up, postgresql15)
    assert await alert_of(servers[1].acting(colleague), case) is None


async def test_after_rights_or_numbers_of_areas_have_changed_nobody_reads_what_is_older(
    held: list[Api], place: Place
) -> None:
    station = held[0].acting(await sign_in(held[0], "station"))
    case = await declared(held[0])
    assert await alert_of(station, case) is None
    await execute(place.urls, "UPDATE installation SET access_version = access_version + 1")
    assert await alert_of(station, case) is not None


async def test_a_replica_that_is_away_is_done_without_and_used_again_when_it_is_back(
    servers: list[Api], standby: Standby, postgresql15: Cluster
) -> None:
    station = servers[0].acting(await sign_in(servers[0], "station"))
    await asyncio.to_thread(standby.stop)
    try:
        case = await declared(servers[0])
        assert await alert_of(station, case) is not None
    finally:
        await asyncio.to_thread(standby.start)
    await asyncio.to_thread(standby.caught_up, postgresql15)
    async with asyncio.timeout(PATIENCE * 2):
        while await _answered_by_the_primary(servers[0], station, standby, postgresql15):
            pass


async def _answered_by_the_primary(api: Api, station: Api, standby: Standby, primary: Cluster) -> bool:
    await asyncio.to_thread(standby.caught_up, primary)
    await asyncio.to_thread(standby.hold)
    try:
        return await alert_of(station, await declared(api)) is not None
    finally:
        await asyncio.to_thread(standby.go_on)


async def test_rows_are_walled_on_the_replica_too(
    servers: list[Api], place: Place, standby: Standby, postgresql15: Cluster
) -> None:
    case = await declared(servers[0])
    await asyncio.to_thread(standby.caught_up, postgresql15)
    assert await alert_of(servers[0].acting(await sign_in(servers[0], "neighbour")), case) is None
    url = plain(url_on(standby.folder, place.urls.application, postgresql15.folder))
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM illness_case") == 0
    finally:
        await connection.close()
