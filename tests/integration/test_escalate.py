"""An alert that nobody answers is called at every level in turn, by rows that survive everything."""

import asyncio
from datetime import timedelta

import pytest

from access.actor import ANONYMOUS
from alerts import log
from models.alert import Alert, AlertEvent
from models.area_count import ALL_DAYS, AreaCount
from models.database import service_connection
from models.state import AlertChange, AlertState, Level, Outcome, Role
from services.acknowledge import acknowledge
from services.cursor import alert_cursor
from services.declare import declare
from services.escalate import escalate_due, recount_after_jump
from services.resolve import resolve
from services.runtime import Runtime
from services.watch_alerts import watch_alerts
from tests.integration.conftest import MOMENT
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, OLD_AND_ILL, account, area, household, person, wards
from triage.report import Report

CITY = "vn-79-2022-79"


def move(runtime: Runtime, minutes: float) -> None:
    """Puts the clock so many minutes after the declarations."""
    runtime.clock.follow(MOMENT + timedelta(minutes=minutes), timedelta())


async def raised(runtime: Runtime, report: Report = BREATHLESS) -> Alert:
    (ward, *_) = await wards(1)
    await declare(runtime, ANONYMOUS, household(person(report), ward=ward))
    return (await Alert.all().using_db(service_connection()).order_by("-id"))[0]


async def now_is(alert: Alert) -> Alert:
    return await Alert.get(id=alert.id, using_db=service_connection())


async def changes(alert: Alert) -> list[tuple[AlertChange, Level]]:
    events = await AlertEvent.filter(alert_id=alert.id).order_by("seq").using_db(service_connection())
    return [(event.change, event.level) for event in events]


async def test_a_red_alert_climbs_after_five_and_fifteen_minutes_and_stays_overdue(runtime: Runtime) -> None:
    alert = await raised(runtime)
    due_at = alert.due_at
    move(runtime, 4)
    assert await escalate_due(runtime) == 0
    move(runtime, 6)
    assert await escalate_due(runtime) == 1
    assert (await now_is(alert)).level == Level.MEDICAL_CENTRE
    assert await escalate_due(runtime) == 0
    move(runtime, 16)
    await escalate_due(runtime)
    found = await now_is(alert)
    assert (found.level, found.state, found.due_at) == (Level.CITY, AlertState.ESCALATED, due_at)
    assert await changes(alert) == [
        (AlertChange.RAISED, Level.STATION),
        (AlertChange.ESCALATED, Level.MEDICAL_CENTRE),
        (AlertChange.ESCALATED, Level.CITY),
    ]


async def test_after_an_hour_in_which_nothing_ran_every_level_is_called_and_each_has_its_event(
    runtime: Runtime,
) -> None:
    alert = await raised(runtime)
    move(runtime, 60)
    assert await escalate_due(runtime) == 1
    assert [level for _, level in await changes(alert)] == [Level.STATION, Level.MEDICAL_CENTRE, Level.CITY]


async def test_the_top_is_reminded_until_somebody_answers(runtime: Runtime) -> None:
    alert = await raised(runtime)
    for minutes in (31, 61, 63, 127):
        move(runtime, minutes)
        await escalate_due(runtime)
    assert [change for change, _ in await changes(alert)] == [
        AlertChange.RAISED,
        AlertChange.ESCALATED,
        AlertChange.ESCALATED,
        AlertChange.REMINDED,
        AlertChange.REMINDED,
    ]
    assert (await now_is(alert)).level == Level.CITY


async def test_what_was_acknowledged_is_not_called_any_further(runtime: Runtime) -> None:
    alert = await raised(runtime)
    department = await account(runtime, Role.DEPARTMENT, await area(CITY))
    await acknowledge(runtime, department, alert.id)
    move(runtime, 60)
    assert await escalate_due(runtime) == 0
    assert (await now_is(alert)).level == Level.STATION


async def test_what_was_taken_and_not_resolved_is_raised_again_and_climbs_again(runtime: Runtime) -> None:
    alert = await raised(runtime)
    department = await account(runtime, Role.DEPARTMENT, await area(CITY))
    await acknowledge(runtime, department, alert.id)
    move(runtime, 241)
    assert await escalate_due(runtime) == 1
    again = await now_is(alert)
    assert (again.state, again.level, again.acknowledged_by) == (AlertState.RAISED, Level.STATION, None)
    total = await AreaCount.get(area_no=alert.area_no, day=ALL_DAYS, using_db=service_connection())
    assert total.open_alerts == 1
    move(runtime, 247)
    await escalate_due(runtime)
    assert (await now_is(alert)).level == Level.MEDICAL_CENTRE
    await acknowledge(runtime, department, alert.id)
    await resolve(runtime, department, alert.id, Outcome.ADVISED)
    move(runtime, 10_000)
    assert await escalate_due(runtime) == 0
    total = await AreaCount.get(area_no=alert.area_no, day=ALL_DAYS, using_db=service_connection())
    assert total.open_alerts == 0


SUMMARY = """
{ areaSummary { alerts { raised open acknowledged overdue medianTimeToAcknowledge p90TimeToAcknowledge }
  stations { openAlerts overdue p50 p90 } } }
"""


async def test_each_call_that_is_answered_counts_from_when_it_was_made(runtime: Runtime) -> None:
    alert = await raised(runtime)
    department = await account(runtime, Role.DEPARTMENT, await area(CITY))
    committee = await account(runtime, Role.COMMITTEE, await area(alert.area_id))

    async def figures() -> tuple[dict[str, object], dict[str, object]]:
        found = (await Asking(runtime).data(committee, SUMMARY))["areaSummary"]
        (station,) = found["stations"]
        return found["alerts"], station

    move(runtime, 20)
    await escalate_due(runtime)
    whole, station = await figures()
    assert (whole["open"], whole["overdue"], whole["acknowledged"], station["overdue"]) == (1, 1, 0, 1)
    await acknowledge(runtime, department, alert.id)
    move(runtime, 20 + 241)
    await escalate_due(runtime)
    whole, station = await figures()
    # It is called anew: open again, and due in another five minutes.
    assert (whole["raised"], whole["open"], whole["overdue"], station["openAlerts"]) == (1, 1, 0, 1)
    move(runtime, 20 + 241 + 6)
    assert (await figures())[0]["overdue"] == 1
    await acknowledge(runtime, department, alert.id)
    whole, station = await figures()
    assert (whole["open"], whole["overdue"], whole["acknowledged"]) == (0, 0, 2)
    assert whole["medianTimeToAcknowledge"] == station["p50"] == pytest.approx(6 * 60, rel=0.05)
    assert whole["p90TimeToAcknowledge"] == station["p90"] == pytest.approx(20 * 60, rel=0.05)


async def test_several_processes_that_look_at_once_call_each_level_once(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    for _ in range(15):
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    move(runtime, 6)
    moved = await asyncio.gather(*(escalate_due(runtime) for _ in range(6)))
    assert sum(moved) == 15
    events = await AlertEvent.filter(change=AlertChange.ESCALATED).using_db(service_connection())
    assert len(events) == len({event.alert_id for event in events}) == 15


async def test_subscribers_hear_of_each_level(runtime: Runtime) -> None:
    committee = await account(runtime, Role.COMMITTEE, await area(CITY))
    after = alert_cursor(await log.position(service_connection()))
    await raised(runtime)
    move(runtime, 6)
    await escalate_due(runtime)
    events = watch_alerts(runtime, committee, after=after)
    async with asyncio.timeout(10):
        heard = [await anext(events), await anext(events)]
    await events.aclose()
    assert [(event.change, event.alert.level) for event in heard] == [
        (AlertChange.RAISED, Level.STATION),
        (AlertChange.ESCALATED, Level.MEDICAL_CENTRE),
    ]


async def test_a_clock_that_was_set_back_makes_nobody_wait_for_it(runtime: Runtime) -> None:
    alert = await raised(runtime)
    move(runtime, -600)
    assert await escalate_due(runtime) == 0
    assert await recount_after_jump(runtime) == 1
    move(runtime, -594)
    assert await escalate_due(runtime) == 1
    assert (await now_is(alert)).level == Level.MEDICAL_CENTRE


async def test_a_clock_that_was_set_forward_calls_early_and_loses_nothing(runtime: Runtime) -> None:
    alert = await raised(runtime, OLD_AND_ILL)
    move(runtime, 100_000)
    assert await escalate_due(runtime) == 1
    assert (await now_is(alert)).level == Level.CITY
    move(runtime, 10)
    assert await escalate_due(runtime) == 0


async def test_an_alert_tells_how_far_it_has_climbed(runtime: Runtime) -> None:
    await raised(runtime)
    move(runtime, 16)
    await escalate_due(runtime)
    committee = await account(runtime, Role.COMMITTEE, await area(CITY))
    data = await Asking(runtime).data(committee, "{ alerts { nodes { level escalations { level } overdue } } }")
    assert data["alerts"]["nodes"] == [
        {"level": "CITY", "escalations": [{"level": "MEDICAL_CENTRE"}, {"level": "CITY"}], "overdue": True}
    ]
