"""The clients of npm: each asks, declares and listens; is cut off, comes back, and has each alert once."""

from typing import Any

import pytest

from tests.acceptance.client import Api
from tests.acceptance.conftest import Place, served
from tests.acceptance.declaring import breathless, declare, household
from tests.acceptance.test_alerts import position
from tests.clients.cutting import Cutter
from tests.clients.program import Program

pytestmark = pytest.mark.clients

SOCKETS = ["graphql_ws", "apollo", "urql_ws"]
CLIENTS = [*SOCKETS, "graphql_sse", "urql_sse"]
RESTARTING = 1012


async def told(station: Api, url: str) -> dict[str, Any]:
    """What a program is told on its command line."""
    return {
        "url": f"{url}/graphql",
        "token": station.token,
        "after": await position(station),
        "input": household(breathless()),
    }


async def declared(api: Api, program: Program) -> list[str]:
    """The case that the program declared, after its query was answered."""
    answer = await program.next("query")
    assert (answer["me"]["displayName"], answer["installation"]["mode"]) == ("Station", "TEST")
    receipt = (await program.next("mutation"))["declare"]
    assert receipt["__typename"] == "Receipt"
    return [receipt["declarations"][0]["case"]["id"]]


async def case_of(api: Api) -> str:
    """A case that somebody else declares."""
    id: str = (await declare(api, breathless()))["declarations"][0]["case"]["id"]
    return id


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_that_is_cut_goes_on_where_it_was(api: Api, station: Api, client: str) -> None:
    async with (
        Cutter.before(api.url) as cutter,
        Program.running(client, **await told(station, cutter.url)) as program,
    ):
        cases = await declared(api, program)
        heard = [(await program.next("event"))["case"]]
        for cut in range(1, 4):
            cutter.cut()
            assert cutter.cuts >= cut
            cases += [await case_of(api) for _ in range(3)]
            heard += [(await program.next("event"))["case"] for _ in range(3)]
        assert heard == cases
        assert program.said("error") == program.said("complete") == []


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_comes_back_by_itself_after_a_restart(api: Api, station: Api, place: Place, client: str) -> None:
    async with (
        served(place) as (ending, process),
        Cutter.before(ending) as cutter,
        Program.running(client, **await told(station, cutter.url)) as program,
    ):
        cases = await declared(api, program)
        heard = [(await program.next("event"))["case"]]
        cutter.leads_to(api.url)
        process.terminate()
        assert await process.wait() == 0
        cases += [await case_of(api) for _ in range(3)]
        heard += [(await program.next("event"))["case"] for _ in range(3)]
        assert heard == cases
        assert program.said("error") == program.said("complete") == []
        assert program.said("closed")[-1:] == ([RESTARTING] if client in SOCKETS else [])
        assert program.said("told") == (["UNAVAILABLE"] if client == "graphql_sse" else [])


@pytest.mark.parametrize("get", [False, True])
async def test_ordinary_queries_of_urql_are_answered_as_json_although_it_lists_streams_too(
    station: Api, get: bool
) -> None:
    async with Program.running("urql_sse", **await told(station, station.url), get=get) as program:
        assert await program.next("types") == ["application/graphql-response+json; charset=utf-8"]
