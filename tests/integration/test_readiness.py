"""Whether a process can serve, and what is worse than it should be while it does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from models.database import DatabaseUrls, service_connection
from models.migrate import plain
from models.outbox_message import OutboxMessage
from process.readiness import Readiness, readiness
from services.runtime import Runtime
from tests.integration.sending import Gateway, put, relay


@pytest.fixture
async def untouched(runtime: Runtime) -> AsyncIterator[Runtime]:
    """The runtime, put back as it was afterwards: its hub is everybody's."""
    yield runtime
    runtime.relay = None
    runtime.ending.begun = False


def lacking(found: Readiness) -> tuple[str, ...]:
    """What is worse than it should be, but for the broker: on a busy machine the hub of all tests may be deaf to it."""
    return tuple(one for one in found.degraded if one != "broker")


async def test_a_process_that_lacks_nothing_is_ready(untouched: Runtime) -> None:
    found = await readiness(untouched)
    assert (found.ready, found.reasons, lacking(found), found.relay_age_seconds) == (True, (), (), 0)


async def test_one_that_ends_is_not(untouched: Runtime) -> None:
    untouched.ending.begun = True
    assert (await readiness(untouched)).reasons == ("ending",)


async def test_one_that_reads_the_log_late_is_taken_out(untouched: Runtime) -> None:
    before = untouched.hub.lag_seconds
    untouched.hub.lag_seconds = 11
    found = await readiness(untouched)
    untouched.hub.lag_seconds = before
    assert found.reasons == ("log_late",)


async def test_one_whose_database_lacks_a_migration_is_taken_out(untouched: Runtime, urls: DatabaseUrls) -> None:
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        await owner.execute("UPDATE tortoise_migrations SET name = 'x' || name WHERE name = '0008_event_written'")
        found = await readiness(untouched)
    finally:
        await owner.execute("UPDATE tortoise_migrations SET name = '0008_event_written' WHERE name LIKE 'x%'")
        await owner.close()
    assert found.reasons == ("migrations",)


async def test_messages_that_nobody_takes_make_it_no_worse_at_serving(untouched: Runtime) -> None:
    id = await put(untouched)
    lying = datetime.now(UTC) - timedelta(seconds=90)
    await OutboxMessage.filter(id=id).using_db(service_connection()).update(not_before=lying)
    found = await readiness(untouched)
    assert (found.ready, lacking(found)) == (True, ("messages",))
    assert found.relay_age_seconds == pytest.approx(90, abs=10)


async def test_a_relay_that_has_not_looked_for_long_is_told_of(untouched: Runtime) -> None:
    untouched.relay = relay(untouched, Gateway())
    untouched.relay._looked_at -= 11
    assert lacking(await readiness(untouched)) == ("relay",)
