"""A process that is told to end: nobody is cut off in the middle, and everybody is told to come back."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import asyncpg

from models.migrate import plain
from tests.acceptance.client import PATIENCE, Api, closing
from tests.acceptance.conftest import ROOT, Place, free_port, served, until_ready
from tests.acceptance.declaring import DECLARE, breathless, declare, household
from tests.acceptance.test_alerts import ALERTS, position
from tests.acceptance.under_load import Ledger, load

RESTARTING = 1012


async def test_sockets_are_closed_with_the_code_that_brings_clients_back(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    async with served(place) as (url, process):
        station = replace(Api(url, api.session), token=tokens["station"])
        async with station.socket() as one, station.raw_socket() as silent:
            await one.subscribe("1", ALERTS, {"after": await position(station)})
            process.terminate()
            assert await closing(one.connection) == RESTARTING
            assert await closing(silent) == RESTARTING
        async with asyncio.timeout(PATIENCE):
            await process.wait()


async def test_a_stream_of_events_ends_with_a_word_and_not_in_the_middle(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    async with served(place) as (url, process):
        station = replace(Api(url, api.session), token=tokens["station"])
        async with station.events(ALERTS, {"after": await position(station)}) as events:
            case = (await declare(station.acting(None), breathless()))["declarations"][0]["case"]["id"]
            async with asyncio.timeout(PATIENCE):
                assert (await anext(events))["data"]["alerts"]["alert"]["case"]["id"] == case
                process.terminate()
                (error,) = (await anext(events))["errors"]
                assert error["extensions"]["code"] == "UNAVAILABLE"
                assert error["extensions"]["retryAfter"] >= 1
                assert await anext(events, None) is None


async def test_until_a_balancer_has_noticed_everybody_is_served(place: Place, api: Api, tokens: dict[str, str]) -> None:
    async with served(place, KHAIBAO_DRAIN_SECONDS="60") as (url, process):
        station = replace(Api(url, api.session), token=tokens["station"])
        async with station.socket() as socket:
            await socket.subscribe("1", ALERTS, {"after": await position(station)})
            process.terminate()
            async with asyncio.timeout(PATIENCE):
                while (ready := await station.get("/health/ready")).status == 200:  # noqa: ASYNC110 - no event is in sight
                    await asyncio.sleep(0.02)
            assert ready.json["reasons"] == ["ending"]
            assert (await station.get("/health/live")).status == 200
            reply = await station.ask("{ me { id } }")
            assert (reply.status, reply.headers["Connection"]) == (200, "close")
            case = (await declare(station.acting(None), breathless()))["declarations"][0]["case"]["id"]
            assert (await socket.next("1"))["alerts"]["alert"]["case"]["id"] == case
            # A second signal says not to wait any longer.
            process.terminate()
            assert await closing(socket.connection) == RESTARTING


@asynccontextmanager
async def declarations_wait(place: Place) -> AsyncIterator[asyncpg.Connection]:
    """Nobody's declaration gets on while it is open."""
    owner = await asyncpg.connect(plain(place.urls.owner))
    try:
        await owner.execute("BEGIN; LOCK TABLE declaration IN ACCESS EXCLUSIVE MODE")
        yield owner
    finally:
        await owner.close()


async def under_way(owner: asyncpg.Connection) -> None:
    """Returns when somebody waits for the lock."""
    async with asyncio.timeout(PATIENCE):
        while not await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            pass


async def test_what_is_under_way_is_finished_over_each_transport(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    async with served(place, KHAIBAO_DRAIN_SECONDS="2") as (url, process), declarations_wait(place) as owner:
        there = Api(url, api.session)
        async with there.socket() as socket:
            posted = asyncio.create_task(declare(there, breathless()))
            await socket.subscribe("1", DECLARE, {"input": household(breathless())})
            await under_way(owner)
            process.terminate()
            async with asyncio.timeout(PATIENCE):
                while (await ready_or_gone(there)) != "ending":  # noqa: ASYNC110 - a signal arrives when it arrives
                    await asyncio.sleep(0.02)
            await owner.execute("COMMIT")
            assert (await posted)["__typename"] == "Receipt"
            assert (await socket.next("1"))["declare"]["__typename"] == "Receipt"
            assert await closing(socket.connection) == RESTARTING


async def ready_or_gone(api: Api) -> str:
    """What readiness lacks."""
    reasons = (await api.get("/health/ready")).json["reasons"]
    return str(reasons[0]) if reasons else ""


async def test_what_takes_longer_than_an_ending_process_may_is_told_to_come_back(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    loop = asyncio.get_running_loop()
    async with served(place) as (url, process), declarations_wait(place) as owner:
        there = Api(url, api.session)
        sent = {"input": household(breathless())}
        posted = asyncio.create_task(there.ask(DECLARE, sent))
        await under_way(owner)
        process.terminate()
        told = loop.time()
        reply = await posted
        assert (reply.status, reply.code) == (503, "UNAVAILABLE")
        assert int(reply.headers["Retry-After"]) >= 1
        await process.wait()
        assert loop.time() - told < 15
    # Under the same key it is one declaration, whether or not the first try has still been written.
    again = (await api.data(DECLARE, sent))["declare"]
    assert again["__typename"] == "Receipt"


async def test_a_restart_of_all_servers_one_after_another_loses_nothing_and_repeats_nothing(
    place: Place, api: Api, tokens: dict[str, str]
) -> None:
    after = await position(api.acting(tokens["station"]))
    ports = [free_port(), free_port()]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    ledger = Ledger()
    async with AsyncExitStack() as stack:
        servers = [await _server(stack, place, port) for port in ports]
        async with load(urls, tokens["station"], after, ledger=ledger):
            for number, port in enumerate(ports * 2):
                await _some_more(ledger)
                servers[number % 2].terminate()
                async with asyncio.timeout(PATIENCE):
                    await servers[number % 2].wait()
                servers[number % 2] = await _server(stack, place, port)
            await _some_more(ledger)
    assert ledger.unanswered == []
    assert len(ledger.cases) == len(set(ledger.cases))
    assert set(ledger.closings) <= {RESTARTING, -1}
    assert ledger.closings[RESTARTING] >= 4
    first = ledger.heard[0]
    assert len(first) == len(set(first))
    # Nobody else declares here meanwhile: what screens heard is what residents have receipts of, in one order for all.
    assert set(first) == set(ledger.cases)
    assert all(heard == first for heard in ledger.heard)


async def _some_more(ledger: Ledger) -> None:
    wanted = len(ledger.cases) + 10
    async with asyncio.timeout(PATIENCE * 2):
        while len(ledger.cases) < wanted:  # noqa: ASYNC110 - residents declare by themselves
            await asyncio.sleep(0.02)


async def _server(stack: AsyncExitStack, place: Place, port: int, **more: str) -> asyncio.subprocess.Process:
    return await started(stack, place, f"http://127.0.0.1:{port}", "serve", "--port", str(port), **more)


async def started(
    stack: AsyncExitStack, place: Place, url: str, *arguments: str, **more: str
) -> asyncio.subprocess.Process:
    """A command that answers `/health/ready` at this URL, and ends with the stack."""
    log = stack.enter_context((place.folder / f"{arguments[0]}-{url.rpartition(':')[2]}.log").open("ab"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", *arguments), cwd=ROOT, env={**place.environment, **more}, stderr=log, stdout=log
    )
    stack.push_async_callback(_ended, process)
    await until_ready(url, process)
    return process


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
