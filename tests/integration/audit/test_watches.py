"""A subscription leaves its opening, and its end with the range of what it gave out, however it ends."""

import asyncio
from contextlib import aclosing

import pytest

from access.actor import ANONYMOUS
from alerts.hub import HubClosed
from models.audit import Audit
from models.database import service_connection
from models.state import Role
from services.cursor import alert_cursor
from services.declare import declare
from services.runtime import Runtime
from services.watch_alerts import watch_alerts
from services.write_trail import NoTrail
from tests.integration.audit.conftest import Owner
from tests.integration.made import TIRED, account, household, person, wards


async def ended(runtime: Runtime) -> tuple[Audit, Audit]:
    """The rows of the one subscription."""
    await runtime.trail.drain()
    opening, closing = (
        await Audit.filter(action__startswith="watch_alerts").using_db(service_connection()).order_by("id")
    )
    assert closing.objects == [str(opening.id)]
    return opening, closing


async def test_a_subscription_that_is_left_says_from_where_to_where_it_showed(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    for _ in range(3):
        await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    async with aclosing(watch_alerts(runtime, nurse, after=alert_cursor(0))) as events, asyncio.timeout(10):
        numbers = [(await anext(events)).logged.seq for _ in range(3)]
    opening, closing = await ended(runtime)
    assert opening.detail == {"area": ward.id, "after": 0}
    assert closing.detail == {
        "area": ward.id,
        "after": 0,
        "first": numbers[0],
        "last": numbers[-1],
        "count": 3,
    }
    assert closing.account_id == nurse.account_id


async def test_a_subscription_whose_task_is_cancelled_leaves_its_end(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    async with aclosing(watch_alerts(runtime, nurse, after=alert_cursor(0))) as events, asyncio.timeout(10):
        shown = await anext(events)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)  # So that it has begun to wait.
        waiting.cancel()
        await asyncio.wait({waiting})
    _, closing = await ended(runtime)
    assert (closing.detail["last"], closing.detail["count"]) == (shown.logged.seq, 1)


async def test_a_process_that_stops_leaves_the_end_of_its_subscriptions(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    async with aclosing(watch_alerts(runtime, nurse, after=alert_cursor(0))) as events, asyncio.timeout(10):
        await anext(events)
        for listener in runtime.hub._listeners:
            listener.end(HubClosed())
        with pytest.raises(HubClosed):
            await anext(events)
    _, closing = await ended(runtime)
    assert closing.detail["count"] == 1


async def test_without_its_opening_on_record_nothing_is_shown(runtime: Runtime, owner: Owner) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    await owner("ALTER TABLE audit RENAME TO audit_away")
    try:
        with pytest.raises(NoTrail):
            await anext(watch_alerts(runtime, nurse, after=alert_cursor(0)))
    finally:
        await owner("ALTER TABLE audit_away RENAME TO audit")
