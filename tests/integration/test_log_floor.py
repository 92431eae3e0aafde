"""How far back the alert log reaches: a cursor that has missed something is refused, and no other."""

import asyncpg
import pytest

from access.actor import ANONYMOUS
from alerts import log
from models.database import DatabaseUrls, service_connection
from models.migrate import plain
from models.state import Role
from services.cursor import alert_cursor
from services.declare import declare
from services.problem import CursorExpired
from services.runtime import Runtime
from services.watch_alerts import watch_alerts
from tests.integration.made import BREATHLESS, account, household, person, wards


async def as_owner(urls: DatabaseUrls, statement: str) -> None:
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        await owner.execute(statement)
    finally:
        await owner.close()


async def test_the_position_of_an_empty_log_is_good_although_the_first_number_came_to_nothing(
    runtime: Runtime, urls: DatabaseUrls
) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    empty = alert_cursor(await log.position(service_connection()))
    await as_owner(urls, "BEGIN; SELECT nextval('alert_log_number'); ROLLBACK")
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    assert (await anext(watch_alerts(runtime, nurse, after=empty))).logged.seq == 2


async def test_a_cursor_before_what_was_taken_away_is_refused(runtime: Runtime, urls: DatabaseUrls) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    for _ in range(3):
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    await as_owner(urls, "DELETE FROM alert_event WHERE seq <= 2")
    with pytest.raises(CursorExpired):
        await anext(watch_alerts(runtime, nurse, after=alert_cursor(1)))
    assert (await anext(watch_alerts(runtime, nurse, after=alert_cursor(2)))).logged.seq == 3
