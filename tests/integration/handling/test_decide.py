"""What a station decides on declarations, and what follows for their cases, alerts and counters."""

import pytest

from access.actor import ANONYMOUS, Actor
from models.alert import Alert, AlertEvent
from models.area import Area
from models.area_count import ALL_DAYS, AreaCount
from models.audit import Audit
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.declaration import Declaration
from models.state import AlertChange, AlertState, CaseEventKind, CaseState, DeclarationState, Outcome, Role
from services.accept_declaration import accept_declaration
from services.confirm import confirm
from services.declare import declare
from services.declare_for import declare_for
from services.mark_duplicate import mark_duplicate
from services.problem import Conflict, InvalidInput, NotFound
from services.reject_declaration import RejectReason, reject_declaration
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, account, household, person, wards
from triage.report import Report


async def declared(runtime: Runtime, ward: Area, *reports: Report, phone: str = "0912345678") -> list[Declaration]:
    people = [person(report) for report in reports] or [person()]
    receipt = await declare(runtime, ANONYMOUS, household(*people, ward=ward, phone=phone))
    ids = [one.id for one in receipt.people]
    found = {row.id: row for row in await Declaration.filter(id__in=ids).using_db(service_connection())}
    return [found[id] for id in ids]


async def case_of(declaration: Declaration) -> Case:
    return await Case.get(id=declaration.case_id, using_db=service_connection())


async def counts(ward: Area) -> AreaCount:
    return await AreaCount.get(area_no=ward.lo, day=ALL_DAYS, using_db=service_connection())


async def nurse_of(runtime: Runtime, ward: Area) -> Actor:
    return await account(runtime, Role.STATION_STAFF, ward)


async def test_an_accepted_declaration_waits_no_more_and_its_case_stays_suspected(runtime: Runtime) -> None:
    ward, *_ = await wards()
    [declaration] = await declared(runtime, ward)
    nurse = await nurse_of(runtime, ward)
    row = await accept_declaration(runtime, nurse, declaration.id, declaration.version)
    assert (row.state, row.version) == (DeclarationState.ACCEPTED, 2)
    assert row.handled_at is not None
    assert (await case_of(declaration)).state == CaseState.SUSPECTED
    assert (await counts(ward)).pending == 0
    [line] = await CaseEvent.filter(case_id=declaration.case_id).using_db(service_connection())
    assert (line.kind, line.subject_id) == (CaseEventKind.DECLARATION_ACCEPTED, declaration.id)


async def test_who_accepts_again_is_answered_and_who_comes_second_is_told(runtime: Runtime) -> None:
    ward, *_ = await wards()
    [declaration] = await declared(runtime, ward)
    first, second = await nurse_of(runtime, ward), await nurse_of(runtime, ward)
    await accept_declaration(runtime, first, declaration.id, 1)
    again = await accept_declaration(runtime, first, declaration.id, 1)
    assert (again.state, again.version) == (DeclarationState.ACCEPTED, 2)
    with pytest.raises(Conflict) as stale:
        await accept_declaration(runtime, second, declaration.id, 1)
    assert stale.value.reason == "STALE_VERSION"
    with pytest.raises(Conflict) as wrong:
        await accept_declaration(runtime, second, declaration.id)
    assert (wrong.value.reason, wrong.value.values["state"]) == ("WRONG_STATE", "ACCEPTED")


async def test_nobody_of_another_ward_learns_that_there_is_such_a_declaration(runtime: Runtime) -> None:
    ward, other = await wards()
    [declaration] = await declared(runtime, ward)
    stranger = await nurse_of(runtime, other)
    with pytest.raises(NotFound):
        await accept_declaration(runtime, stranger, declaration.id)
    with pytest.raises(NotFound):
        await reject_declaration(runtime, stranger, declaration.id, RejectReason.PRANK)
    with pytest.raises(NotFound):
        await mark_duplicate(runtime, stranger, declaration.id, declaration.case_id)


async def test_with_its_last_report_a_case_is_over_and_nobody_is_called_for_it(runtime: Runtime) -> None:
    ward, *_ = await wards()
    [declaration] = await declared(runtime, ward, BREATHLESS)
    nurse = await nurse_of(runtime, ward)
    row = await reject_declaration(runtime, nurse, declaration.id, RejectReason.PRANK, "Không có ai bệnh.")
    case = await case_of(declaration)
    assert (row.state, case.state) == (DeclarationState.REJECTED, CaseState.NOT_A_CASE)
    assert case.closed_at is not None
    [alert] = await Alert.filter(case_id=case.id).using_db(service_connection())
    assert (alert.state, alert.outcome) == (AlertState.RESOLVED, Outcome.FALSE_ALARM)
    found = await counts(ward)
    assert (found.pending, found.open_alerts, found.declared, found.active) == (0, 0, 1, 0)
    with pytest.raises(InvalidInput):
        await reject_declaration(runtime, nurse, declaration.id, RejectReason.INCOMPLETE, "x" * 2_000)


async def test_a_confirmed_case_has_nothing_left_to_accept(runtime: Runtime) -> None:
    ward, *_ = await wards()
    [declaration] = await declared(runtime, ward)
    nurse = await nurse_of(runtime, ward)
    await confirm(runtime, nurse, declaration.case_id)
    with pytest.raises(Conflict):
        await reject_declaration(runtime, nurse, declaration.id, RejectReason.PRANK)


async def test_what_is_worse_in_a_duplicate_goes_over_to_the_case_that_goes_on(runtime: Runtime) -> None:
    ward, *_ = await wards()
    [kept] = await declared(runtime, ward)
    [double] = await declared(runtime, ward, BREATHLESS, phone="0912345679")
    nurse = await nurse_of(runtime, ward)
    row = await mark_duplicate(runtime, nurse, double.id, kept.id)
    assert (row.state, row.duplicate_of) == (DeclarationState.DUPLICATE, kept.id)
    left, gone = await case_of(kept), await case_of(double)
    assert (gone.state, left.state) == (CaseState.NOT_A_CASE, CaseState.SUSPECTED)
    assert (left.severe, left.rank, left.danger) == (True, 0, "RED")
    [alert] = await Alert.all().using_db(service_connection())
    assert (alert.case_id, alert.state) == (left.id, AlertState.RAISED)
    events = await AlertEvent.filter(alert_id=alert.id).order_by("seq").using_db(service_connection())
    assert [one.change for one in events] == [AlertChange.RAISED, AlertChange.CARRIED]
    found = await counts(ward)
    assert (found.pending, found.open_alerts) == (1, 1)


async def test_two_declarations_are_never_each_the_others_duplicate(runtime: Runtime) -> None:
    ward, *_ = await wards()
    [one], [other] = await declared(runtime, ward), await declared(runtime, ward, phone="0912345679")
    nurse = await nurse_of(runtime, ward)
    with pytest.raises(InvalidInput):
        await mark_duplicate(runtime, nurse, one.id, one.id)
    await mark_duplicate(runtime, nurse, one.id, other.id)
    with pytest.raises(Conflict):
        await mark_duplicate(runtime, nurse, other.id, one.id)
    assert (await case_of(other)).state == CaseState.SUSPECTED


async def test_what_staff_enter_for_somebody_says_who_has_entered_it(runtime: Runtime) -> None:
    ward, other = await wards()
    nurse = await nurse_of(runtime, ward)
    receipt = await declare_for(runtime, nurse, household(person(BREATHLESS), ward=other, key="phone-call"))
    again = await declare_for(runtime, nurse, household(person(BREATHLESS), ward=other, key="another-call"))
    assert again.code != receipt.code
    row = await Declaration.get(id=receipt.people[0].id, using_db=service_connection())
    assert (row.entered_by, row.verified, row.area_id) == (nurse.account_id, False, other.id)
    [line] = await Audit.filter(action="declare").order_by("id").limit(1).using_db(service_connection())
    assert line.account_id == nurse.account_id
    assert await Alert.all().using_db(service_connection()).count() == 2
    [own] = await declared(runtime, ward, phone="0912345670")
    assert own.entered_by is None
    with pytest.raises(NotFound):
        await declare_for(runtime, ANONYMOUS, household(person(), ward=ward))
    with pytest.raises(NotFound):
        await declare_for(runtime, await account(runtime, Role.COMMITTEE, ward), household(person(), ward=ward))
