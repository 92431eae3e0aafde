"""Connections at hand: kept while statements follow each other, and never from anybody who needs one."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from models.at_hand import AtHand
from models.database import SERVICE, pools, service_at_hand, service_connection, service_transaction
from services.runtime import Runtime


async def process_of(hand: AtHand) -> int:
    """Which of the database's processes answers."""
    _, rows = await hand.execute_query("SELECT pg_backend_pid() AS pid")
    return int(rows[0]["pid"])


async def until(true: Callable[[], bool]) -> None:
    """Returns once it is so."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  # what is waited for is the pool's own, and tells nobody
            await asyncio.sleep(0.01)


def in_use() -> int:
    """How many of the service's connections are at work."""
    return next(one.in_use for one in pools() if one.login == SERVICE)


def opened() -> int:
    """How many connections the service has."""
    return next(one.open for one in pools() if one.login == SERVICE)


@pytest.fixture
async def hand(runtime: Runtime) -> AtHand:
    found = service_at_hand()
    await until(lambda: found.idle == 0)
    return found


async def test_statements_that_follow_each_other_have_one_connection_which_then_goes_back(hand: AtHand) -> None:
    assert len({await process_of(hand) for _ in range(5)}) == 1
    await until(lambda: hand.idle == 0)


async def test_those_at_the_same_moment_have_one_each_and_a_few_are_kept(hand: AtHand) -> None:
    # So long each holds its connection, or they would follow each other on one.
    together = [hand.execute_query("SELECT pg_backend_pid() AS pid, pg_sleep(0.05)") for _ in range(6)]
    assert len({rows[0]["pid"] for _, rows in await asyncio.gather(*together)}) == 6
    assert 0 < hand.idle <= 4
    await until(lambda: hand.idle == 0)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT 1 / 0", OperationalError),
        ("SELECT nothing", OperationalError),
        ("INSERT INTO installation (id, mode) SELECT id, mode FROM installation", IntegrityError),
    ],
)
async def test_errors_are_those_of_tortoise_and_the_next_statement_runs(
    hand: AtHand, statement: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await hand.execute_query(statement)
    with pytest.raises(error):
        await service_connection().execute_query(statement)
    assert await process_of(hand)


async def test_a_connection_that_the_database_has_closed_is_not_used_again(hand: AtHand) -> None:
    async with service_transaction() as connection:
        gone = await process_of(hand)
        before = opened()
        _, rows = await connection.execute_query("SELECT pg_terminate_backend($1) AS ended", [gone])
        assert rows[0]["ended"]
        await until(lambda: opened() < before)
        assert await process_of(hand) != gone


async def test_who_is_cancelled_leaves_no_connection_behind(hand: AtHand) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            # Cancelled long before: a statement that is still under way.
            await hand.execute_query("SELECT pg_sleep(30)")
    assert hand.idle == 0
    assert await process_of(hand)


async def test_nobody_waits_for_a_connection_that_is_only_kept(hand: AtHand) -> None:
    most = next(one.most for one in pools() if one.login == SERVICE)
    async with AsyncExitStack() as stack:
        for _ in range(most - 1):
            await stack.enter_async_context(service_transaction())
        # The last one: it is not kept while others may be waiting for it.
        await process_of(hand)
        assert hand.idle == 0
        async with asyncio.timeout(5):
            await stack.enter_async_context(service_transaction())


async def test_what_is_kept_counts_as_free(hand: AtHand) -> None:
    before = in_use()
    await process_of(hand)
    assert hand.idle == 1
    assert in_use() <= before
