"""Attempts to reach people: what they change, and what they leave as it is."""

from datetime import timedelta

import pytest

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.case_event import CaseEvent
from models.contact_attempt import ContactAttempt
from models.database import service_connection, snapshot
from models.state import CaseEventKind, CaseState, ContactOutcome, Role
from services.confirm import confirm
from services.contact_note import contact_note
from services.declare import declare
from services.load_contacts import contacts_of_cases
from services.problem import Conflict, InvalidInput, NotFound
from services.record_contact import AdviceGiven, record_contact
from services.runtime import Runtime
from services.seen import Seen
from tests.integration.made import account, household, person, wards

REACHED, NO_ANSWER = ContactOutcome.REACHED, ContactOutcome.NO_ANSWER


async def declared(runtime: Runtime) -> tuple[Actor, Case]:
    ward, *_ = await wards()
    receipt = await declare(runtime, ANONYMOUS, household(person(), ward=ward))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    return nurse, await Case.get(id=receipt.people[0].case_id, using_db=service_connection())


async def kinds(case: Case) -> list[CaseEventKind]:
    rows = await CaseEvent.filter(case_id=case.id).order_by("id").using_db(service_connection())
    return [row.kind for row in rows]


async def contacted(case: Case) -> int:
    row = await AreaCount.get(area_no=case.area_no, disease=case.disease, day=ALL_DAYS, using_db=service_connection())
    return row.contacted


async def test_a_confirmed_case_whose_person_is_reached_is_isolated_at_home(runtime: Runtime) -> None:
    nurse, case = await declared(runtime)
    await confirm(runtime, nurse, case.id)
    advice = [AdviceGiven.WATCH_FOR_SIGNS, AdviceGiven.ISOLATE]
    row = await record_contact(runtime, nurse, case.id, REACHED, advice, "Đã dặn dò kỹ.")
    assert (row.state, row.unreached) == (CaseState.HOME_ISOLATION, 0)
    assert row.contacted_at is not None
    assert await kinds(case) == [CaseEventKind.CONFIRMED, CaseEventKind.CONTACTED, CaseEventKind.ISOLATED]
    assert await contacted(case) == 1
    kept = await Case.get(id=case.id, using_db=service_connection())
    assert (kept.state, kept.version, kept.contacted_at) == (row.state, row.version, row.contacted_at)


async def test_a_suspected_case_is_contacted_and_stays_suspected(runtime: Runtime) -> None:
    nurse, case = await declared(runtime)
    row = await record_contact(runtime, nurse, case.id, REACHED)
    assert row.state == CaseState.SUSPECTED
    assert row.contacted_at is not None


async def test_failed_attempts_are_counted_until_somebody_is_reached(runtime: Runtime) -> None:
    nurse, case = await declared(runtime)
    for attempt, outcome in enumerate([NO_ANSWER, ContactOutcome.WRONG_NUMBER, ContactOutcome.REFUSED], start=1):
        row = await record_contact(runtime, nurse, case.id, outcome)
        assert (row.unreached, row.contacted_at) == (attempt, None)
    assert await contacted(case) == 0
    row = await record_contact(runtime, nurse, case.id, REACHED)
    assert row.unreached == 0
    await record_contact(runtime, nurse, case.id, NO_ANSWER)
    assert await contacted(case) == 1
    assert (await kinds(case)).count(CaseEventKind.NOT_REACHED) == 4


async def test_an_attempt_that_is_sent_twice_is_one_and_a_later_one_is_another(runtime: Runtime) -> None:
    nurse, case = await declared(runtime)
    first = await record_contact(runtime, nurse, case.id, NO_ANSWER, version=case.version)
    again = await record_contact(runtime, nurse, case.id, NO_ANSWER, version=case.version)
    assert (again.version, again.unreached) == (first.version, 1)
    other = await record_contact(runtime, nurse, case.id, NO_ANSWER, words="Máy bận")
    assert other.unreached == 2
    runtime.clock.follow(runtime.clock.now() + timedelta(minutes=5), timedelta())
    assert (await record_contact(runtime, nurse, case.id, NO_ANSWER, words="Máy bận")).unreached == 3


async def test_what_was_said_is_sealed_and_shown_to_those_who_care_for_the_person(runtime: Runtime) -> None:
    nurse, case = await declared(runtime)
    await record_contact(runtime, nurse, case.id, REACHED, words="Con gái nghe máy")
    (kept,) = await ContactAttempt.all().using_db(service_connection())
    assert kept.note is not None
    assert "Con gái".encode() not in kept.note
    seen, (*_, elsewhere) = Seen(), await wards()
    async with snapshot(bounds_of(nurse)) as connection:
        (row,) = (await contacts_of_cases(nurse, connection, [case.id]))[case.id]
    assert contact_note(runtime, nurse, case, row, seen) == "Con gái nghe máy"
    assert [line.action for line in seen.lines(nurse, runtime.clock.now())] == ["see_person"]
    stranger = await account(runtime, Role.STATION_STAFF, elsewhere)
    async with snapshot(bounds_of(stranger)) as connection:
        assert await contacts_of_cases(stranger, connection, [case.id]) == {case.id: []}
    assert contact_note(runtime, stranger, case, row, seen) is None


async def test_advice_without_a_listener_and_an_empty_note_are_refused(runtime: Runtime) -> None:
    nurse, case = await declared(runtime)
    with pytest.raises(InvalidInput) as refused:
        await record_contact(runtime, nurse, case.id, NO_ANSWER, [AdviceGiven.ISOLATE], "  ")
    assert {fault.code for fault in refused.value.faults} == {"NOBODY_REACHED", "REQUIRED"}
    assert await ContactAttempt.all().using_db(service_connection()).count() == 0


async def test_a_stale_version_a_stranger_and_a_case_that_is_over_change_nothing(runtime: Runtime) -> None:
    nurse, case = await declared(runtime)
    *_, elsewhere = await wards()
    with pytest.raises(NotFound):
        await record_contact(runtime, await account(runtime, Role.STATION_STAFF, elsewhere), case.id, REACHED)
    await confirm(runtime, nurse, case.id)
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await record_contact(runtime, nurse, case.id, REACHED, version=case.version)
    await Case.filter(id=case.id).using_db(service_connection()).update(state=CaseState.COMPLETED)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await record_contact(runtime, nurse, case.id, REACHED)
    assert await ContactAttempt.all().using_db(service_connection()).count() == 0
