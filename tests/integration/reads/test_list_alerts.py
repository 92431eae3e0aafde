"""A page of alerts says where its snapshot stands in the log."""

from access.actor import ANONYMOUS
from alerts import log
from models.database import service_connection, snapshot
from models.state import Role
from services.cursor import read_alert_cursor
from services.declare import declare
from services.list_alerts import AlertFilter, list_alerts
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, EVERYTHING, OLD_AND_ILL, TIRED, account, area, household, person, wards

CITY = "vn-79-2022-79"


async def test_the_log_after_a_pages_position_is_exactly_what_the_page_does_not_show(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    async with snapshot(EVERYTHING) as connection:
        before = await log.position(connection)
        # Committed after the snapshot began: neither on the page nor before its position.
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
        page = await list_alerts(runtime, actor, connection, AlertFilter())
    position = read_alert_cursor(page.position or "")
    later = await log.read(service_connection(), position)
    async with snapshot(EVERYTHING) as connection:
        every = await list_alerts(runtime, actor, connection, AlertFilter())
    assert position == before
    assert {one.alert.id for one in later} == {one.id for one in every.items} - {one.id for one in page.items}
    assert len(page.items) == len(later) == 1


async def test_red_comes_before_amber_and_amber_before_high_risk(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    for report in (OLD_AND_ILL, TIRED, BREATHLESS):
        await declare(runtime, ANONYMOUS, household(person(report), ward=ward))
    async with snapshot(EVERYTHING) as connection:
        page = await list_alerts(runtime, nurse, connection, AlertFilter())
    assert [(one.kind, one.danger) for one in page.items] == [
        ("SEVERE", "RED"),
        ("SEVERE", "AMBER"),
        ("HIGH_RISK", None),
    ]


async def test_an_empty_log_has_a_position_too(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    async with snapshot(EVERYTHING) as connection:
        page = await list_alerts(runtime, await account(runtime, Role.STATION_STAFF, ward), connection, AlertFilter())
    assert (page.items, page.has_next, read_alert_cursor(page.position or "")) == ([], False, 0)
