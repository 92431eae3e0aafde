"""gql, the client of Python: over aiohttp and httpx it asks and declares, over its sockets it listens and is cut."""

from collections.abc import AsyncGenerator, Callable

import pytest
from gql import Client, GraphQLRequest
from gql.transport import AsyncTransport
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.acceptance.client import Api
from tests.acceptance.declaring import DECLARE, breathless, declare, household
from tests.acceptance.test_alerts import position
from tests.clients.cutting import Cutter

pytestmark = pytest.mark.clients

QUERY = "query Me { me { displayName } installation { mode } }"
ALERTS = "subscription ($after: String) { alerts(after: $after) { cursor alert { case { id } } } }"

Made = Callable[[str, str], AsyncTransport]


def over_aiohttp(url: str, bearer: str) -> AsyncTransport:
    """Ordinary requests of aiohttp."""
    return AIOHTTPTransport(url=url, headers={"authorization": bearer}, ssl=False)


def over_httpx(url: str, bearer: str) -> AsyncTransport:
    """Ordinary requests of httpx."""
    return HTTPXAsyncTransport(url=url, headers={"authorization": bearer})


def over_websockets(url: str, bearer: str) -> AsyncTransport:
    """A socket of the library websockets."""
    return WebsocketsTransport(url=url.replace("http", "ws", 1), init_payload={"authorization": bearer})


def over_aiohttp_websockets(url: str, bearer: str) -> AsyncTransport:
    """A socket of aiohttp."""
    return AIOHTTPWebsocketsTransport(url=url.replace("http", "ws", 1), init_payload={"authorization": bearer})


def client_of(made: Made, station: Api, url: str) -> Client:
    """A client of gql with this transport, signed in."""
    return Client(transport=made(f"{url}/graphql", f"Bearer {station.token}"))


@pytest.mark.parametrize("made", [over_aiohttp, over_httpx, over_websockets, over_aiohttp_websockets])
async def test_gql_asks_and_declares(station: Api, made: Made) -> None:
    async with client_of(made, station, station.url) as session:
        assert (await session.execute(GraphQLRequest(QUERY)))["me"] == {"displayName": "Station"}
        sent = GraphQLRequest(DECLARE, variable_values={"input": household(breathless())})
        assert (await session.execute(sent))["declare"]["__typename"] == "Receipt"
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(GraphQLRequest("{ nothing }"))
        assert refused.value.errors
        assert refused.value.errors[0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("made", [over_websockets, over_aiohttp_websockets])
async def test_gql_that_is_cut_goes_on_where_it_was(api: Api, station: Api, made: Made) -> None:
    async with Cutter.before(api.url) as cutter:
        heard = _heard(client_of(made, station, cutter.url), await position(station))
        for cut in range(4):
            declared = [(await declare(api, breathless()))["declarations"][0]["case"]["id"] for _ in range(3)]
            assert [await anext(heard) for _ in range(3)] == declared
            cutter.cut()
            assert cutter.cuts > cut
        await heard.aclose()


async def _heard(client: Client, after: str) -> AsyncGenerator[str, None]:
    """The cases of alerts, over one socket after another, each of which begins where the last was cut."""
    while True:
        try:
            async with client as session:
                async for event in session.subscribe(GraphQLRequest(ALERTS, variable_values={"after": after})):
                    after = event["alerts"]["cursor"]
                    yield event["alerts"]["alert"]["case"]["id"]
        except TransportConnectionFailed:
            continue
