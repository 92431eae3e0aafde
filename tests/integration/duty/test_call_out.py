"""Whoever is on duty where an alert stands is written to, in its transaction; where nobody can be reached it climbs."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from access.actor import ANONYMOUS
from alerts.outbox import Priority
from alerts.wording import Detail
from models.alert import Alert, AlertEvent
from models.area import Area
from models.database import service_connection
from models.outbox_message import OutboxMessage
from models.state import AlertChange, AlertState, Level, MessageKind, StationKind
from services.acknowledge import acknowledge
from services.declare import declare
from services.end_duty import end_duty
from services.escalate import escalate_due
from services.on_duty import NoRosters
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.duty.roster import (
    at_centre,
    at_station,
    called,
    calls,
    connected,
    department,
    in_city,
    shift,
    station_of,
)
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, household, person, wards
from tests.integration.statements import statements
from triage.report import Report

S, M, C = Level.STATION, Level.MEDICAL_CENTRE, Level.CITY


@pytest.fixture
async def ward(runtime: Runtime) -> Area:
    """A ward with a station, a centre and a city above it."""
    (ward, *_) = await wards(1)
    return ward


def move(runtime: Runtime, minutes: float) -> None:
    runtime.clock.follow(MOMENT + timedelta(minutes=minutes), timedelta())


async def raised(runtime: Runtime, ward: Area, report: Report = BREATHLESS) -> Alert:
    """The alert of somebody who has just declared."""
    await declare(runtime, ANONYMOUS, household(person(report), ward=ward))
    return (await Alert.all().using_db(service_connection()).order_by("-raised_at", "-id"))[0]


async def now_is(alert: Alert) -> Alert:
    return await Alert.get(id=alert.id, using_db=service_connection())


async def changes(alert: Alert) -> list[tuple[AlertChange, AlertState, Level]]:
    events = await AlertEvent.filter(alert_id=alert.id).order_by("seq").using_db(service_connection())
    return [(event.change, event.state, event.level) for event in events]


async def test_whoever_is_on_duty_at_the_station_is_called_with_the_alert(
    runtime: Runtime, ward: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_station(runtime, ward)
    await at_centre(runtime, ward)
    monkeypatch.setattr(runtime, "wording", replace(runtime.wording, public_url="https://kb.example"))
    alert = await raised(runtime, ward)
    ((to, body),) = await calls(runtime)
    assert to == "+84901000001"
    assert body.startswith("BAO DONG DO tai Phuong")
    assert body.endswith(f"tra loi truoc 10:05. https://kb.example/a/{alert.id}")
    (message,) = await OutboxMessage.filter(kind=MessageKind.ALERT).using_db(service_connection())
    assert (message.priority, message.subject_id) == (Priority.RED, alert.id)
    assert await changes(alert) == [(AlertChange.RAISED, AlertState.RAISED, S)]


async def test_a_text_names_the_ill_person_only_where_the_setting_says_so(
    runtime: Runtime, ward: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_station(runtime, ward)
    await at_centre(runtime, ward)
    monkeypatch.setattr(runtime, "wording", replace(runtime.wording, detail=frozenset(Detail)))
    sick = person(BREATHLESS, name="Trần Thị Thử")
    await declare(runtime, ANONYMOUS, household(sick, ward=ward))
    move(runtime, 6)
    await escalate_due(runtime)
    bodies = [body for _, body in await calls(runtime)]
    assert len(bodies) == 2
    assert all("Tran Thi Thu" in body and "+84912345678" in body for body in bodies)


async def test_nobody_is_called_for_somebody_who_is_not_ill_enough(runtime: Runtime, ward: Area) -> None:
    await at_station(runtime, ward)
    await declare(runtime, ANONYMOUS, household(person(HEALTHY), ward=ward))
    assert await called(runtime) == []


async def test_somebody_off_duty_or_ended_is_not_called(runtime: Runtime, ward: Area) -> None:
    await at_station(runtime, ward, starts=time(18), ends=time(6))
    over = await at_station(runtime, ward, phone="0901000009")
    await end_duty(runtime, await department(runtime), over.row.id, over.row.version)
    await connected(runtime, await station_of(ward))
    alert = await raised(runtime, ward)
    assert await called(runtime) == []
    assert (await now_is(alert)).level == S


async def test_each_level_is_called_in_its_turn_and_the_top_again_until_somebody_answers(
    runtime: Runtime, ward: Area
) -> None:
    await at_station(runtime, ward)
    await at_centre(runtime, ward)
    await in_city(runtime)
    alert = await raised(runtime, ward)
    for minutes in (6, 16, 31, 40):
        move(runtime, minutes)
        await escalate_due(runtime)
    assert await called(runtime) == ["station", "centre", "city", "city"]
    assert [body for _, body in await calls(runtime)][1].endswith("tra loi ngay.")
    await acknowledge(runtime, await department(runtime), alert.id)
    move(runtime, 41 + 240)
    await escalate_due(runtime)
    assert await called(runtime) == ["station", "centre", "city", "city", "station"]


async def test_a_station_with_nobody_to_reach_is_passed_over_at_once(runtime: Runtime, ward: Area) -> None:
    await at_centre(runtime, ward)
    alert = await raised(runtime, ward)
    assert await called(runtime) == ["centre"]
    found = await now_is(alert)
    assert (found.state, found.level, found.call_at) == (
        AlertState.ESCALATED,
        M,
        alert.raised_at + timedelta(minutes=15),
    )
    assert await changes(alert) == [
        (AlertChange.RAISED, AlertState.RAISED, S),
        (AlertChange.ESCALATED, AlertState.ESCALATED, M),
    ]
    assert found.due_at == alert.raised_at + timedelta(minutes=5)


async def test_where_the_centre_has_nobody_either_the_city_is_called(runtime: Runtime, ward: Area) -> None:
    await in_city(runtime)
    alert = await raised(runtime, ward)
    assert await called(runtime) == ["city"]
    assert [level for _, _, level in await changes(alert)] == [S, M, C]
    assert (await now_is(alert)).call_at == alert.raised_at + timedelta(minutes=30)


async def test_a_roster_elsewhere_covers_nobody_here(runtime: Runtime, ward: Area) -> None:
    _, far = await wards(2)
    await at_station(runtime, far)
    await at_centre(runtime, far)
    alert = await raised(runtime, ward)
    assert await called(runtime) == []
    assert (await now_is(alert)).level == C


@pytest.mark.parametrize("kind", [StationKind.WARD_STATION, StationKind.MEDICAL_CENTRE])
async def test_an_open_screen_covers_its_place(runtime: Runtime, ward: Area, kind: StationKind) -> None:
    await in_city(runtime)
    place = ward if kind is StationKind.WARD_STATION else str(ward.parent_id)
    await connected(runtime, await station_of(place, kind))
    alert = await raised(runtime, ward)
    assert (await now_is(alert)).level == (S if kind is StationKind.WARD_STATION else M)
    assert await called(runtime) == []


async def test_an_alert_that_climbs_passes_over_a_centre_with_nobody_to_reach(runtime: Runtime, ward: Area) -> None:
    await at_station(runtime, ward)
    await in_city(runtime)
    alert = await raised(runtime, ward)
    move(runtime, 6)
    await escalate_due(runtime)
    assert await called(runtime) == ["station", "city"]
    assert [level for _, _, level in await changes(alert)] == [S, M, C]
    assert (await now_is(alert)).call_at == alert.raised_at + timedelta(minutes=30)


async def test_where_nobody_keeps_rosters_nothing_climbs_and_no_statement_is_made_for_them(
    runtime: Runtime, ward: Area
) -> None:
    alert = await raised(runtime, ward)
    assert (await now_is(alert)).level == S
    assert runtime.no_rosters.known
    with statements() as first:
        await raised(runtime, ward)
    runtime.no_rosters.forget()
    with statements() as second:
        await raised(runtime, ward)
    assert len(second) == len(first) + 1


async def test_a_new_roster_is_honoured_at_once_here_and_within_seconds_elsewhere(runtime: Runtime, ward: Area) -> None:
    await raised(runtime, ward)
    await at_station(runtime, ward)
    await raised(runtime, ward)
    assert await called(runtime) == ["station"]
    assert not NoRosters().known


async def test_quiet_hours_hold_back_all_but_red(runtime: Runtime, ward: Area) -> None:
    await at_station(runtime, ward, quiet_from=time(9), quiet_until=time(10, 30))
    for report in (BREATHLESS, TIRED, OLD_AND_ILL):
        await raised(runtime, ward, report)
    held = {
        row["priority"]: row["seconds"]
        for row in (
            await service_connection().execute_query(
                "SELECT priority, extract(epoch FROM not_before - clock_timestamp())::float8 AS seconds"
                " FROM outbox_message"
            )
        )[1]
    }
    assert held[Priority.RED] <= 0
    assert 1_790 < held[Priority.AMBER] <= 1_800
    assert 1_790 < held[Priority.HIGH_RISK] <= 1_800


async def test_a_duty_that_does_not_open_keeps_nobody_else_from_being_called(runtime: Runtime, ward: Area) -> None:
    broken = await at_station(runtime, ward, phone="0901000009")
    await at_station(runtime, ward)
    await service_connection().execute_query(
        "WITH done AS (UPDATE duty SET sealed = 'x' WHERE id = $1 RETURNING id) SELECT id FROM done", [broken.row.id]
    )
    await raised(runtime, ward)
    assert await called(runtime) == ["station"]


async def test_names_and_phones_are_sealed(runtime: Runtime, ward: Area) -> None:
    await at_station(runtime, ward)
    _, rows = await service_connection().execute_query("SELECT d::text AS row FROM duty d")
    assert "0901000001" not in rows[0]["row"]
    assert shift().name not in rows[0]["row"]
