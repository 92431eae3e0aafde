"""Two servers behind HAProxy, on PostgreSQL 15 and Redis: what its clients notice of what ends behind it."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest

from models.migrate import plain
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import PASSWORD, SIGN_IN, Place, furnish, sign_in
from tests.acceptance.declaring import breathless, declare
from tests.acceptance.test_alerts import ALERTS, position
from tests.acceptance.under_load import Ledger, load
from tests.servers.conftest import Cluster
from tests.servers.haproxy import Fleet

pytestmark = pytest.mark.servers

RESTARTING, CUT = 1012, 1006


@pytest.fixture(scope="module")
async def fleet(
    postgresql15: Cluster, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Fleet]:
    """The city of March 2022, served by two."""
    more = {
        "KHAIBAO_BROADCAST_URL": redis_url,
        "KHAIBAO_TRUSTED_PROXIES": "127.0.0.1",
        "KHAIBAO_DRAIN_SECONDS": "2.5",
        "KHAIBAO_POOL_SIZE": "4",
        "KHAIBAO_SERVICE_POOL_SIZE": "6",
        # The limits are not what is looked at: hundreds of sockets come from one address here.
        "KHAIBAO_LIMITS": "declare_by_phone=100000 per 1 hour, declare_by_address=100000 per 1 hour",
    }
    place = Place(tmp_path_factory.mktemp("fleet"), postgresql15.database("fleet"), more)
    await furnish(place)
    async with Fleet.of(place) as fleet:
        yield fleet


@pytest.fixture
async def api(fleet: Fleet) -> AsyncIterator[Api]:
    """Somebody who knows the one address."""
    async with aiohttp.ClientSession() as session:
        yield Api(fleet.url, session)


async def more_declared(ledger: Ledger, least: int = 15) -> None:
    """Returns when residents have got so many more receipts."""
    wanted = len(ledger.cases) + least
    async with asyncio.timeout(PATIENCE * 3):
        while len(ledger.cases) < wanted:  # noqa: ASYNC110 - residents declare by themselves
            await asyncio.sleep(0.05)


def assert_nothing_lost_and_nothing_twice(ledger: Ledger) -> None:
    """What screens heard is what residents have receipts of, each once, and in one order for all."""
    assert ledger.unanswered == []
    assert len(ledger.cases) == len(set(ledger.cases))
    first = ledger.heard[0]
    assert len(first) == len(set(first))
    assert set(first) == set(ledger.cases)
    assert all(heard == first for heard in ledger.heard)


async def test_a_rolling_restart_behind_the_proxy_loses_nothing_and_cuts_nobody_off(fleet: Fleet, api: Api) -> None:
    station = await sign_in(api, "station")
    ledger = Ledger()
    async with load([fleet.url], station, await position(api.acting(station)), ledger=ledger):
        for number in (0, 1):
            await more_declared(ledger)
            await fleet.restart(number)
        await more_declared(ledger)
    assert_nothing_lost_and_nothing_twice(ledger)
    # Nobody even had to ask twice: who comes while a server ends is sent to the other one.
    assert not ledger.again
    assert ledger.closings[RESTARTING] >= len(ledger.heard)
    assert CUT not in ledger.closings


async def test_a_server_that_is_killed_behind_the_proxy_costs_its_clients_a_second_try(fleet: Fleet, api: Api) -> None:
    station = await sign_in(api, "station")
    ledger = Ledger()
    async with load([fleet.url], station, await position(api.acting(station)), ledger=ledger):
        await more_declared(ledger)
        await fleet.kill(0)
        await more_declared(ledger)
        await fleet.revive(0)
        await more_declared(ledger)
    assert_nothing_lost_and_nothing_twice(ledger)
    assert ledger.closings[CUT] >= 1


async def test_where_a_client_comes_from_is_what_the_proxy_says_and_not_what_it_says_itself(fleet: Fleet) -> None:
    names = ("station", "colleague", "neighbour")
    for name, address, forged in zip(
        names, ("127.0.0.1", "127.0.0.2", "127.0.0.1"), ("", "", "127.0.0.2"), strict=True
    ):
        connector = aiohttp.TCPConnector(local_addr=(address, 0))
        async with aiohttp.ClientSession(connector=connector) as session:
            headers = {"x_forwarded_for": forged} if forged else {}
            sent = {"input": {"username": name, "password": PASSWORD}}
            assert "token" in (await Api(fleet.url, session).data(SIGN_IN, sent, **headers))["signIn"]
    owner = await asyncpg.connect(plain(fleet.place.urls.owner))
    try:
        rows = await owner.fetch(
            "SELECT DISTINCT ON (a.username) a.username, s.origin FROM session s JOIN account a ON a.id = s.account_id"
            " WHERE a.username = ANY($1::text[]) ORDER BY a.username, s.created_at DESC",
            list(names),
        )
    finally:
        await owner.close()
    origins = dict(rows)
    assert origins["station"] == origins["neighbour"] != origins["colleague"]


async def test_the_proxy_hands_on_each_event_of_a_stream_as_it_comes(api: Api) -> None:
    station = api.acting(await sign_in(api, "station"))
    after = await position(station)
    async with station.events(ALERTS, {"after": after}) as events:
        for _ in range(5):
            # Held back until there are more, it would not come at all: the next is declared when this one was heard.
            declared = await declare(api, breathless())
            async with asyncio.timeout(PATIENCE):
                heard = (await anext(events))["data"]["alerts"]
            assert heard["alert"]["case"]["id"] == declared["declarations"][0]["case"]["id"]


async def test_the_proxy_shows_nobody_the_figures_of_the_servers(fleet: Fleet, api: Api) -> None:
    assert (await api.get("/metrics")).status == 403
