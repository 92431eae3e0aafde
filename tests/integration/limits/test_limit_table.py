"""Counting in the database, as several processes do."""

import asyncio

from models.database import service_connection, service_transaction
from models.rate_limit import RateLimit
from services.limit import Limiter
from services.limit_rules import Rule
from services.limit_table import TableCounters
from services.problem import TooManyRequests
from services.runtime import Runtime

THREE = {Rule.DECLARE_BY_PHONE: "3 per 1 hour"}


def limiter(runtime: Runtime) -> Limiter:
    """The limits of one process."""
    return Limiter(TableCounters(), runtime.pseudonymiser.counted, THREE)


async def tried(limits: Limiter, phone: str = "+84912345678") -> int | None:
    """After how many seconds to come back; None where the try was free."""
    try:
        await limits.hit(Rule.DECLARE_BY_PHONE, phone)
    except TooManyRequests as refused:
        return refused.retry_after
    return None


async def run_out() -> None:
    """Lets every window be over."""
    await service_connection().execute_query("UPDATE rate_limit SET expires_at = clock_timestamp() - interval '1 s'")


async def test_two_processes_count_together_also_at_the_same_moment(runtime: Runtime) -> None:
    one, other = limiter(runtime), limiter(runtime)
    found = await asyncio.gather(*(tried(process) for process in (one, other) for _ in range(5)))
    assert found.count(None) == 3
    assert all(3590 <= wait <= 3600 for wait in found if wait is not None)
    assert await tried(one, "+84900000000") is None


async def test_after_the_window_it_begins_anew(runtime: Runtime) -> None:
    limits = limiter(runtime)
    for _ in range(5):
        await tried(limits)
    await run_out()
    assert await tried(limits) is None
    assert [row.hits for row in await RateLimit.all().using_db(service_connection())] == [1]


async def test_what_is_given_back_is_free_again(runtime: Runtime) -> None:
    limits = limiter(runtime)
    for _ in range(10):
        await limits.hit(Rule.DECLARE_BY_PHONE, "+84912345678")
        await limits.give_back(Rule.DECLARE_BY_PHONE, "+84912345678")
    await limits.miss(Rule.DECLARE_BY_PHONE, "+84912345678")
    await limits.check(Rule.DECLARE_BY_PHONE, "+84912345678")


async def test_the_table_holds_hashes_and_old_rows_go(runtime: Runtime) -> None:
    limits = limiter(runtime)
    await tried(limits)
    await tried(limits, "+84900000000")
    keys = [row.key for row in await RateLimit.all().using_db(service_connection())]
    assert len(keys) == 2
    assert not any("84912345678" in key for key in keys)
    assert await TableCounters().sweep() == 0
    await run_out()
    assert await TableCounters().sweep() == 2


async def test_forgetting_one_or_all(runtime: Runtime) -> None:
    counters = TableCounters()
    await counters.incr("a", 60)
    await counters.incr("b", 60, amount=2)
    await counters.clear("a")
    assert (await counters.get("a"), await counters.get("b")) == (0, 2)
    assert await counters.check()
    assert (await counters.reset(), await counters.get_expiry("b")) == (1, 0.0)


async def test_a_row_that_somebody_holds_lets_through_and_keeps_nobody_waiting(runtime: Runtime) -> None:
    limits = limiter(runtime)
    await tried(limits)
    async with service_transaction() as holding:
        await holding.execute_query("UPDATE rate_limit SET hits = 99")
        async with asyncio.timeout(5):
            assert await tried(limits) is None
    assert await tried(limits) is not None
