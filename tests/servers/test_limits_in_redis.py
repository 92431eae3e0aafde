"""Counting in Debian's Redis, as several processes do that are woken through it."""

import asyncio

import pytest
import structlog

from access.keys import Key
from access.pseudonym import Pseudonymiser
from services.limit import Limiter
from services.limit_redis import RedisCounters
from services.limit_rules import Rule
from services.problem import TooManyRequests

pytestmark = pytest.mark.servers

HASHED = Pseudonymiser(Key("k", b"k" * 32)).counted
THREE = {Rule.DECLARE_BY_PHONE: "3 per 1 hour"}


waits: list[int] = []


async def tried(limits: Limiter, phone: str) -> bool:
    """Whether the try was free."""
    try:
        await limits.hit(Rule.DECLARE_BY_PHONE, phone)
    except TooManyRequests as refused:
        waits.append(refused.retry_after)
        return False
    return True


async def test_two_processes_count_together_and_what_is_given_back_is_free(redis_url: str) -> None:
    stores = [RedisCounters(redis_url), RedisCounters(redis_url)]
    limits = [Limiter(store, HASHED, THREE) for store in stores]
    found = await asyncio.gather(*(tried(one, "+84912345678") for one in limits for _ in range(5)))
    assert found.count(True) == 3
    assert all(3590 <= seconds <= 3600 for seconds in waits)
    for _ in range(8):
        await limits[0].give_back(Rule.DECLARE_BY_PHONE, "+84912345678")
    assert await tried(limits[1], "+84912345678")
    assert await limits[0].left(Rule.DECLARE_BY_PHONE, "+84912345678") == 0
    await limits[0].forget(Rule.DECLARE_BY_PHONE, "+84912345678")
    assert await limits[1].left(Rule.DECLARE_BY_PHONE, "+84912345678") == 3
    for store in stores:
        assert await store.sweep() == 0
        await store.close()


async def test_a_redis_that_is_away_lets_everybody_through_and_says_so_once() -> None:
    store = RedisCounters("redis://:s3cret@127.0.0.1:1")
    limits = Limiter(store, HASHED, THREE)
    with structlog.testing.capture_logs() as logs:
        assert [await tried(limits, "+84912345678") for _ in range(5)] == [True] * 5
    assert [line["event"] for line in logs] == ["limits_not_counted"]
    assert "s3cret" not in str(logs)
    await store.close()
