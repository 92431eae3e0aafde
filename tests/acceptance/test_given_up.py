"""A query that is not answered in time while others are refused: told when to come back, on every transport alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import PATIENT, Place, serving
from tests.acceptance.declaring import household
from tests.acceptance.everywhere import TRANSPORTS, over

ALERTS = {"query": "{ alerts(first: 5) { nodes { id } } }"}
DECLARE = "mutation ($input: DeclareInput!) { declare(input: $input) { __typename } }"
SHORT = {
    "KHAIBAO_ADMISSION_LEAST": "1",
    "KHAIBAO_ADMISSION_MOST": "1",
    "KHAIBAO_ADMISSION_WAITING": "1",
    "KHAIBAO_ADMISSION_WAIT": "0.05",
    # No query that asks the database is as quick as that.
    "KHAIBAO_ADMISSION_TOLD": "0.0001",
}


@pytest.fixture(scope="module")
async def small(place: Place, api: Api) -> AsyncIterator[Api]:
    """A server that works on one declaration at once, and gives up whatever takes its time."""
    async with serving(replace(place, more=PATIENT | SHORT)) as url:
        yield Api(url, api.session)


@asynccontextmanager
async def crowd(api: Api) -> AsyncIterator[None]:
    """More who declare than there is room for, so that somebody is refused all the while; all of them the same."""
    sent = {"input": household()}

    async def come() -> None:
        while True:
            await api.ask(DECLARE, sent)

    tasks = [asyncio.create_task(come()) for _ in range(12)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_given_up(transport: str, api: Api) -> dict[str, Any]:
    """The refusal, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while "errors" not in (payload := await over(transport, api, ALERTS)):
            pass
    error: dict[str, Any] = payload["errors"][0]
    return error


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_it_is_told_when_to_come_back_and_with_which_place(
    small: Api, tokens: dict[str, str], transport: str
) -> None:
    # Of the staff there is nobody else, so that it is not refused for want of room.
    api = small.acting(tokens["station"])
    async with crowd(small):
        told = (await until_given_up(transport, api))["extensions"]
    assert told["code"] == "OVERLOADED"
    assert told["retryAfter"] >= 1
    assert told["place"]


async def test_a_socket_goes_on_after_what_was_given_up_on_it(small: Api, tokens: dict[str, str]) -> None:
    async with small.acting(tokens["station"]).socket() as socket:
        ends = []
        async with crowd(small), asyncio.timeout(PATIENCE):
            number = 0
            while "OVERLOADED" not in ends:
                number += 1
                await socket.subscribe(f"{number}", ALERTS["query"])
                message = await socket.message(f"{number}")
                ends.append(
                    message["type"] if message["type"] == "next" else message["payload"][0]["extensions"]["code"]
                )
        async with asyncio.timeout(PATIENCE):
            while True:
                # Until nobody has been refused for half a second; the same id is free again each time.
                await socket.subscribe("calm", ALERTS["query"])
                if (await socket.message("calm"))["type"] == "next":
                    break
