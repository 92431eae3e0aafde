"""Alerts as subscribers see them: nothing missed, nothing twice, in order."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from access.actor import ANONYMOUS, Actor
from access.authenticate import Place, Unauthenticated
from access.jurisdiction import EVERYWHERE
from alerts import log
from alerts.hub import Hub
from alerts.listener import QUEUE_BOUND, SlowSubscriber
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.database import service_connection
from models.state import AlertChange, AlertKind, AlertState, ContactOutcome, Outcome, Role
from services.acknowledge import acknowledge
from services.claim import claim
from services.cursor import alert_cursor
from services.declare import declare
from services.erase_person import erase_person
from services.merge_persons import merge_persons
from services.open_session import open_session
from services.problem import Conflict, InvalidCursor, NotFound
from services.record_contact import record_contact
from services.resolve import resolve
from services.runtime import Runtime
from services.watch_alerts import AlertEventView, watch_alerts
from tests.integration.made import BREATHLESS, OLD_AND_ILL, TIRED, account, area, household, person, wards

LOADED_OF_THE_CASE = frozenset(
    {"test_on", "vaccine_doses", "release_on", "check_in_due", "last_check_in_at", "checks_missed", "state_before"}
)
"""What is shown of the case itself where it is asked for, or not at all."""


async def declared(runtime: Runtime, ward: Area, how_many: int = 1) -> list[Alert]:
    """Declares severe people in a ward, at once, and gives the ward's alerts."""
    await asyncio.gather(*(declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward)) for _ in range(how_many)))
    return await Alert.filter(area_id=ward.id).order_by("id").using_db(service_connection())


async def take(events: AsyncGenerator[AlertEventView, None], how_many: int) -> list[AlertEventView]:
    """So many events, or a failure after ten seconds."""
    taken: list[AlertEventView] = []
    async with asyncio.timeout(10):
        while len(taken) < how_many:
            taken.append(await anext(events))
    return taken


async def silent(events: AsyncGenerator[AlertEventView, None], hub: Hub) -> bool:
    """Whether nothing comes although the hub has read everything there is."""
    waiting = asyncio.ensure_future(anext(events))
    async with asyncio.timeout(10):
        await hub.caught_up(await log.position(service_connection()))
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    waiting.cancel()
    return not done


async def start(runtime: Runtime) -> str:
    return alert_cursor(await log.position(service_connection()))


async def test_a_subscriber_gets_every_alert_once_and_in_order_while_many_declare(runtime: Runtime) -> None:
    here, there = await wards(2)
    committee = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    events = watch_alerts(runtime, committee, after=await start(runtime))
    first = asyncio.ensure_future(take(events, 80))
    await asyncio.gather(declared(runtime, here, 40), declared(runtime, there, 40))
    seen = await first
    numbers = [event.logged.seq for event in seen]
    assert numbers == sorted(set(numbers))
    stored = await Alert.all().using_db(service_connection()).values_list("id", flat=True)
    assert {event.alert.id for event in seen} == set(stored)


async def test_a_ward_does_not_hear_another_wards_alerts(runtime: Runtime) -> None:
    here, there = await wards(2)
    nurse = await account(runtime, Role.STATION_STAFF, here)
    events = watch_alerts(runtime, nurse, after=await start(runtime))
    await declared(runtime, there)
    assert await silent(events, runtime.hub)


async def test_a_subscriber_that_is_cut_goes_on_from_its_cursor(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    cursor = await start(runtime)
    seen: list[AlertEventView] = []
    for _ in range(10):
        await declared(runtime, ward, 3)
        events = watch_alerts(runtime, nurse, after=cursor)
        seen += await take(events, 3)
        await events.aclose()
        cursor = seen[-1].cursor
    assert len({event.alert.id for event in seen}) == 30
    assert [event.logged.seq for event in seen] == sorted(event.logged.seq for event in seen)


async def test_without_a_cursor_it_begins_now(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declared(runtime, ward)
    # Now is what this process knows: an event that it has not read yet comes after.
    await runtime.hub.caught_up(await log.position(service_connection()))
    events = watch_alerts(runtime, nurse)
    assert await silent(events, runtime.hub)


async def test_kinds_narrow_what_is_heard(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    events = watch_alerts(runtime, nurse, kinds=frozenset({AlertKind.HIGH_RISK}), after=await start(runtime))
    await declared(runtime, ward)
    await declare(runtime, ANONYMOUS, household(person(OLD_AND_ILL), ward=ward))
    (event,) = await take(events, 1)
    assert event.alert.kind is AlertKind.HIGH_RISK


async def test_acknowledging_and_resolving_are_events_and_the_case_s_other_alert_is_taken_too(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    both = household(person(BREATHLESS), ward=ward)
    events = watch_alerts(runtime, nurse, after=await start(runtime))
    await declare(runtime, ANONYMOUS, both)
    (raised,) = await take(events, 1)
    await acknowledge(runtime, nurse, raised.alert.id)
    await resolve(runtime, nurse, raised.alert.id, Outcome.ADVISED, "đã gọi, ổn định")
    taken, resolved = await take(events, 2)
    assert [taken.change, resolved.change] == [AlertChange.ACKNOWLEDGED, AlertChange.RESOLVED]
    assert taken.account_id == nurse.account_id
    assert taken.alert.state is AlertState.ACKNOWLEDGED
    assert [taken.alert.outcome, resolved.alert.outcome] == [None, Outcome.ADVISED]


async def test_of_two_who_acknowledge_at_once_one_wins_and_the_other_learns_who(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    people = [await account(runtime, Role.STATION_STAFF, ward) for _ in range(5)]
    (alert,) = await declared(runtime, ward)
    answers = await asyncio.gather(
        *(acknowledge(runtime, someone, alert.id) for someone in people), return_exceptions=True
    )
    (winner,) = [answer for answer in answers if isinstance(answer, list)]
    losers = [answer for answer in answers if isinstance(answer, Conflict)]
    assert len(losers) == 4
    assert {loser.values["account_id"] for loser in losers} == {winner[0].acknowledged_by}


async def test_an_alert_of_another_ward_is_not_found(runtime: Runtime) -> None:
    here, there = await wards(2)
    nurse = await account(runtime, Role.STATION_STAFF, here)
    (alert,) = await declared(runtime, there)
    with pytest.raises(NotFound):
        await acknowledge(runtime, nurse, alert.id)


async def test_a_committee_may_watch_but_not_acknowledge(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    committee = await account(runtime, Role.COMMITTEE, ward)
    (alert,) = await declared(runtime, ward)
    with pytest.raises(NotFound):
        await acknowledge(runtime, committee, alert.id)


async def test_an_unacknowledged_alert_is_not_resolved(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (alert,) = await declared(runtime, ward)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await resolve(runtime, nurse, alert.id, Outcome.VISITED)


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WyJjYXNlcyIsMV0", "é", alert_cursor(2**62)])
async def test_what_is_no_cursor_of_this_log_is_refused(runtime: Runtime, cursor: str) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    with pytest.raises(InvalidCursor):
        await anext(watch_alerts(runtime, nurse, after=cursor))


async def test_nobody_without_an_account_and_nobody_elsewhere_may_watch(runtime: Runtime) -> None:
    here, there = await wards(2)
    nurse = await account(runtime, Role.STATION_STAFF, here)
    for actor, place in [(ANONYMOUS, None), (ANONYMOUS, here.id), (nurse, there.id), (nurse, "no such area")]:
        with pytest.raises(NotFound):
            await anext(watch_alerts(runtime, actor, place))


async def test_what_an_event_says_of_a_case_is_what_its_row_says(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    start = await log.position(service_connection())
    resting, erased = await declared(runtime, ward, 2)
    goes_on = (await declared(runtime, ward))[-1]
    head = await account(runtime, Role.STATION_HEAD, ward)
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    await claim(runtime, head, goes_on.case_id)
    await record_contact(runtime, head, goes_on.case_id, ContactOutcome.NO_ANSWER)
    await merge_persons(runtime, head, (goes_on.case_id, None), (resting.case_id, None))
    await acknowledge(runtime, head, erased.id)
    await resolve(runtime, head, erased.id, Outcome.ADVISED)
    await erase_person(runtime, department, erased.case_id, "Người dân xin xóa dữ liệu")

    logged = await log.read(service_connection(), start)

    mine = {one.case.id: one.case for one in logged if one.case.area_id == ward.id}
    rows = await Case.filter(id__in=list(mine)).using_db(service_connection())
    columns = Case._meta.db_fields - LOADED_OF_THE_CASE
    said = {id: {name: getattr(case, name) for name in columns} for id, case in mine.items()}
    assert said == {row.id: {name: getattr(row, name) for name in columns} for row in rows}
    shown = [said[one.case_id] for one in (resting, erased, goes_on)]
    assert (shown[0]["merged_into"], shown[2]["unreached"]) == (goes_on.case_id, 1)
    assert None not in (shown[1]["anonymised_at"], shown[2]["claimed_by"])


async def test_a_subscriber_that_takes_nothing_is_let_go_and_others_are_not(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (alert,) = await declared(runtime, ward)
    (logged,) = await log.read(service_connection(), await log.position(service_connection()) - 1)
    assert logged.alert.id == alert.id
    async with runtime.hub.listen(nurse, None, log.EVERY_KIND) as slow:
        for _ in range(QUEUE_BOUND + 1):
            slow.offer(logged)
        with pytest.raises(SlowSubscriber):
            await slow.next()


async def test_a_session_that_has_ended_ends_its_subscription(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    async with runtime.hub.listen(nurse, None, log.EVERY_KIND) as listener:
        listener.stand(listener.version, Place(None, EVERYWHERE))
        with pytest.raises(Unauthenticated):
            await listener.next()


async def test_who_joins_while_sessions_are_checked_is_not_signed_out(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    opened = [await open_session(runtime, service_connection(), account_id=nurse.account_id) for _ in range(2)]
    early, late = [session.actor for session in opened]
    async with runtime.hub.listen(early, None, log.EVERY_KIND):
        checking = asyncio.ensure_future(runtime.hub.check_standing())
        await asyncio.sleep(0)  # The check has begun to ask the database.
        async with runtime.hub.listen(late, None, log.EVERY_KIND) as listener:
            await checking
            await declared(runtime, ward)
            async with asyncio.timeout(10):
                assert (await listener.next()).alert.area_id == ward.id


async def test_a_wider_actor_hears_no_more_than_it_asked_for(runtime: Runtime) -> None:
    here, there = await wards(2)
    everywhere: Actor = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    events = watch_alerts(runtime, everywhere, here.id, after=await start(runtime))
    await declared(runtime, there)
    assert await silent(events, runtime.hub)
