"""The installation's figures: right, and as cheap with twenty thousand old alerts as with none."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from access.actor import ANONYMOUS
from alerts import outbox_rows
from alerts.outbox import Priority
from alerts.outbox_rows import longest_due
from models.area_count import ALL_DAYS
from models.database import DatabaseUrls, service_connection, snapshot
from models.migrate import missing_migrations, plain
from models.outbox_message import OutboxMessage
from models.state import OPEN_ALERT_STATES, Role
from services import installation_figures
from services.acknowledge import acknowledge
from services.declare import declare
from services.installation_figures import LOOK_SECONDS, Figures, InstallationFigures, read_figures
from services.list_alerts import AlertFilter, list_alerts
from services.runtime import Runtime
from services.seal_trail import seal_trail
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, EVERYTHING, OLD_AND_ILL, account, household, person, wards
from tests.integration.sending import put

OLD = 20_000


@pytest.fixture
async def owner(urls: DatabaseUrls) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner's."""
    connection = await asyncpg.connect(plain(urls.owner))
    yield connection
    await connection.close()


async def add_old(owner: asyncpg.Connection) -> None:
    """As much as an installation of some months has: resolved alerts, sent messages, sealed records."""
    await owner.execute(
        f"""
        INSERT INTO alert SELECT r.*
        FROM (SELECT * FROM alert LIMIT 1) a, generate_series(1, {OLD}) n,
          jsonb_build_object('id', md5(n::text)::uuid, 'state', 'RESOLVED') o,
          jsonb_populate_record(NULL::alert, to_jsonb(a) || o) r
        """
    )
    await owner.execute(
        f"""
        INSERT INTO outbox_message (id, kind, priority, sealed, created_at, useful_until, state)
        SELECT gen_random_uuid(), 'CODE', n % 6, '', now(), now(), 'HANDED_OVER' FROM generate_series(1, {OLD}) n
        """
    )
    await owner.execute(
        f"""
        INSERT INTO audit (id, at, actor, action, objects, detail)
        SELECT gen_random_uuid(), now(), 'SYSTEM', 'made', '[]', '{{}}' FROM generate_series(1, {OLD}) n
        """
    )
    await owner.execute(
        "INSERT INTO audit_link (seq, audit_id, hash, key, sealed_at)"
        " SELECT 1000000 + row_number() OVER (), id, '', 'test', now() FROM audit WHERE actor = 'SYSTEM'"
    )
    for table in ("alert", "outbox_message", "audit", "audit_link", "area_count"):
        await owner.execute(f"ANALYZE {table}")


async def test_alerts_are_counted_by_danger_and_level_and_the_oldest_is_exact(runtime: Runtime) -> None:
    [ward, _] = await wards()
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), person(OLD_AND_ILL), ward=ward))
    runtime.clock.follow(MOMENT + timedelta(minutes=6), timedelta())
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    found = await read_figures(runtime.clock.now())
    reds = [one for one in found.open_alerts if one.rank == 0]
    assert [(one.state, one.level, one.alerts, one.overdue) for one in reds] == [("RAISED", "station", 2, 1)]
    assert reds[0].oldest_seconds == pytest.approx(360, abs=5)
    assert sum(one.alerts for one in found.open_alerts) == 3
    assert dict(found.totals["covid19"])["declared"] == 3


async def test_what_was_taken_is_open_no_more(runtime: Runtime) -> None:
    [ward, _] = await wards()
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    async with snapshot(EVERYTHING) as connection:
        [alert] = (await list_alerts(runtime, nurse, connection, AlertFilter())).items
    await acknowledge(runtime, nurse, alert.id)
    found = await read_figures(runtime.clock.now())
    assert found.open_alerts == []
    assert dict(found.acknowledged) == {0: 1}


async def test_messages_are_counted_by_priority_with_their_ages(runtime: Runtime) -> None:
    for _ in range(2):
        await put(runtime, priority=Priority.RED)
    await put(runtime, priority=Priority.CODE)
    runtime.clock.follow(MOMENT + timedelta(seconds=90), timedelta())
    found = {one.priority: one for one in (await read_figures(runtime.clock.now())).waiting}
    assert {priority: one.messages for priority, one in found.items()} == {0: 2, 1: 1}
    assert found[0].oldest_seconds == pytest.approx(90, abs=5)


async def test_a_message_that_no_relay_takes_is_missed_and_one_that_waits_for_its_time_is_not(runtime: Runtime) -> None:
    id = await put(runtime)
    await OutboxMessage.filter(id=id).using_db(service_connection()).update(not_before=_ago(-300))
    assert await longest_due(service_connection()) == 0
    await OutboxMessage.filter(id=id).using_db(service_connection()).update(not_before=_ago(120))
    assert await longest_due(service_connection()) == pytest.approx(120, abs=10)


async def test_the_seal_has_an_age_and_what_came_after_it_shows(runtime: Runtime) -> None:
    [ward, _] = await wards()
    assert (await read_figures(runtime.clock.now())).seal_age_seconds is None
    await declare(runtime, ANONYMOUS, household(ward=ward))
    await seal_trail(runtime)
    found = await read_figures(runtime.clock.now())
    assert found.seal_age_seconds is not None
    assert found.seal_age_seconds < 60
    assert found.seal_behind_seconds < 60


async def test_figures_never_walk_through_what_is_over(runtime: Runtime, owner: asyncpg.Connection) -> None:
    [ward, _] = await wards()
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    await put(runtime)
    await add_old(owner)
    for statement, values in statements(runtime.clock.now()):
        for walked in plans(json.loads(await owner.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values))):
            seen = walked["Actual Rows"] * walked["Actual Loops"] + walked.get("Rows Removed by Filter", 0)
            assert seen < 2_000, (statement, walked["Node Type"], walked.get("Relation Name"))


def statements(now: datetime) -> list[tuple[str, list[Any]]]:
    """Every statement behind the figures, with its values."""
    priorities = [int(priority) for priority in Priority]
    states = [state.value for state in OPEN_ALERT_STATES]
    return [
        (installation_figures._ALERTS, [now, states]),
        (installation_figures._ACKNOWLEDGED, []),
        (installation_figures._OUTBOX, [priorities]),
        (installation_figures._TOTALS, [ALL_DAYS]),
        (installation_figures._TRAIL, []),
        (outbox_rows._LONGEST_DUE, [priorities]),
    ]


def plans(explained: Any) -> Iterator[dict[str, Any]]:
    """Each step of a plan that reads a table or an index."""
    if isinstance(explained, list):
        for one in explained:
            yield from plans(one)
    elif isinstance(explained, dict):
        if "Scan" in explained.get("Node Type", "") and "Relation Name" in explained:
            yield explained
        for part in ("Plan", "Plans"):
            yield from plans(explained.get(part))


async def test_however_many_ask_at_once_the_database_is_asked_once_in_some_seconds() -> None:
    asked, moment = 0, 0.0

    async def read(_: datetime) -> InstallationFigures:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return InstallationFigures()

    figures = Figures(lambda: MOMENT, read, lambda: moment)
    await asyncio.gather(*(figures.look() for _ in range(20)))
    assert asked == 1
    moment = LOOK_SECONDS
    await figures.look()
    assert asked == 2


async def test_figures_that_cannot_be_read_are_missing_and_not_old() -> None:
    moment = 0.0
    away = False

    async def read(_: datetime) -> InstallationFigures:
        if away:
            raise OSError("no such host")
        return InstallationFigures()

    figures = Figures(lambda: MOMENT, read, lambda: moment)
    assert await figures.look() is not None
    moment, away = LOOK_SECONDS, True
    assert await figures.look() is None


async def test_a_migration_that_is_missing_is_named(runtime: Runtime, owner: asyncpg.Connection) -> None:
    assert await missing_migrations(service_connection()) == []
    name = "0008_event_written"
    row = await owner.fetchrow("DELETE FROM tortoise_migrations WHERE name = $1 RETURNING app, applied_at", name)
    try:
        assert await missing_migrations(service_connection()) == [name]
    finally:
        await owner.execute(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ($1, $2, $3)",
            *(row["app"], name, row["applied_at"]),
        )


def _ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)
