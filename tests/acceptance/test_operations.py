"""What whoever runs it notices: several workers are one service, and a database that is away comes back."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place, served, serving
from tests.acceptance.declaring import DECLARE, breathless, declare, household
from tests.acceptance.outage import Way
from tests.acceptance.test_alerts import ALERTS, listening, position

SOCKETS = 8


async def test_a_subscriber_of_any_worker_hears_the_alerts_of_all(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    async with serving(place, workers=2) as url, AsyncExitStack() as stack:
        workers = Api(url, api.session)
        station = replace(workers, token=tokens["station"])
        sockets = [await stack.enter_async_context(listening(station)) for _ in range(SOCKETS)]
        declared = [(await declare(workers, breathless()))["declarations"][0]["case"]["id"] for _ in range(6)]
        for socket in sockets:
            heard = [(await socket.next("1"))["alerts"]["alert"]["case"]["id"] for _ in declared]
            assert heard == declared


async def test_a_server_killed_under_a_subscriber_costs_no_alert(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    station = replace(api, token=tokens["station"])
    after = await position(station)
    async with served(place) as (url, process):
        doomed = Api(url, api.session)
        declared = [(await declare(doomed, breathless()))["declarations"][0]["case"]["id"] for _ in range(4)]
        async with replace(doomed, token=tokens["station"]).socket() as socket:
            await socket.subscribe("1", ALERTS, {"after": after})
            seen = [(await socket.next("1"))["alerts"] for _ in range(2)]
            process.kill()
            await process.wait()
    declared += [(await declare(api, breathless()))["declarations"][0]["case"]["id"] for _ in range(3)]
    async with station.socket() as socket:
        await socket.subscribe("1", ALERTS, {"after": seen[-1]["cursor"]})
        seen += [(await socket.next("1"))["alerts"] for _ in range(5)]
    assert [event["alert"]["case"]["id"] for event in seen] == declared


async def test_a_database_that_is_away_is_said_and_comes_back_by_itself(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        way = Way(Path(folder), place.urls)
        await way.open()
        async with serving(replace(place, urls=way.urls)) as url:
            cut = Api(url, api.session)
            assert (await declare(cut, breathless()))["code"]
            await way.close()
            ready = await cut.get("/health/ready")
            assert (ready.status, ready.json["reasons"]) == (503, ["database"])
            sent = {"input": household(breathless())}
            reply = await cut.ask(DECLARE, sent)
            assert (reply.status, reply.code) == (503, "UNAVAILABLE")
            assert reply.headers["Retry-After"] == str(reply.json["errors"][0]["extensions"]["retryAfter"])
            assert (await cut.acting(tokens["station"]).ask("{ me { id } }")).code == "UNAVAILABLE"
            await way.open()
            receipt = await _until_taken(cut, sent)
            again = (await cut.data(DECLARE, sent))["declare"]
            assert receipt == again
            assert (await cut.get("/health/ready")).status == 200
        await way.close()


async def _until_taken(api: Api, sent: dict[str, Any]) -> object:
    async with asyncio.timeout(PATIENCE):
        while True:
            reply = await api.ask(DECLARE, sent)
            if reply.status == 200:
                return reply.data["declare"]


MOVE_CLOCK = """
mutation ($input: MoveClockInput!) {
  moveClock(input: $input) { __typename ... on ClockMoved { now } ... on Problem { code } }
}
"""


async def test_a_test_s_clock_is_moved_by_its_administrator_alone(api: Api, tokens: dict[str, str]) -> None:
    async def move(name: str, to: str) -> Any:
        return (await api.acting(tokens[name]).data(MOVE_CLOCK, {"input": {"to": to}}))["moveClock"]

    # Without an offset it is a moment of the installation's zone; this one is where the tests' clock stands anyway.
    assert (await move("administrator", "2022-03-18T10:00:00"))["now"].startswith("2022-03-18T03:00")
    assert (await move("administrator", "9999-12-31T23:59:59Z"))["code"] == "INVALID_INPUT"
    assert (await move("administrator", "0001-01-01T00:00:00+14:00"))["code"] == "INVALID_INPUT"
    assert (await move("department", "2022-03-19T00:00:00Z"))["code"] == "NOT_FOUND"
