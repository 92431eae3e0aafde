"""What a station asks, and what becomes of it: answered, taken back, or never heard of again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from access.actor import ANONYMOUS, Actor
from models.alert import Alert, AlertEvent
from models.area import Area
from models.area_count import ALL_DAYS, AreaCount
from models.case import Assessment, Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.declaration import Declaration
from models.outbox_message import OutboxMessage
from models.state import AlertChange, AlertState, CaseEventKind, CaseState, DeclarationState, MessageKind, Outcome, Role
from services.acknowledge import acknowledge
from services.complete_declaration import complete_declaration
from services.confirm import confirm
from services.declare import declare
from services.expire_declarations import expire_declarations
from services.problem import Conflict, InvalidInput, NotFound
from services.recount import recount
from services.request_information import AskedField, asked_of, request_information
from services.resolve import resolve
from services.runtime import Runtime
from services.seen import Seen
from services.withdraw_declaration import withdraw_declaration
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, HEALTHY, TIRED, account, household, person, wards
from triage.report import Report

PHONE = "0912345678"


def resident(runtime: Runtime, phone: str = "+84912345678") -> Actor:
    return Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phones(phone)[0])


async def asked(runtime: Runtime, report: Report = HEALTHY) -> tuple[Area, Actor, Actor, Declaration]:
    ward, *_ = await wards()
    sender = resident(runtime)
    receipt = await declare(runtime, sender, household(person(report, name="Trần Văn Sai"), ward=ward, phone=PHONE))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    row = await request_information(
        runtime, nurse, receipt.people[0].id, [AskedField.TEST, AskedField.SYMPTOMS], "Ảnh xét nghiệm bị mờ."
    )
    return ward, nurse, sender, row


async def fresh(declaration: Declaration) -> tuple[Declaration, Case]:
    row = await Declaration.get(id=declaration.id, using_db=service_connection())
    return row, await Case.get(id=row.case_id, using_db=service_connection())


async def counts(ward: Area) -> AreaCount:
    return await AreaCount.get(area_no=ward.lo, day=ALL_DAYS, using_db=service_connection())


async def test_the_sender_is_told_and_sees_what_is_asked_and_until_when(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "residents_told", True)
    ward, nurse, sender, row = await asked(runtime)
    assert row.state == DeclarationState.NEEDS_INFO
    assert (await counts(ward)).pending == 1
    messages = await OutboxMessage.filter(kind=MessageKind.NEEDS_INFO).using_db(service_connection())
    assert len(messages) == 1
    row.granted = True
    found = asked_of(runtime, sender, row, Seen())
    assert found is not None
    assert found.fields == (AskedField.TEST, AskedField.SYMPTOMS)
    assert (found.note, found.until) == ("Ảnh xét nghiệm bị mờ.", found.at + timedelta(days=7))
    other = await account(runtime, Role.COMMITTEE, ward)
    row.granted = False
    assert asked_of(runtime, other, row, Seen()) is None
    with pytest.raises(InvalidInput):
        await request_information(runtime, nurse, row.id, [])


async def test_a_completed_report_is_the_same_one_put_right_and_waits_again(runtime: Runtime) -> None:
    ward, nurse, sender, declaration = await asked(runtime)
    right = person(replace(HEALTHY, birth_date=date(1950, 1, 1), conditions=("diabetes",)), name="Trần Văn Đúng")
    await complete_declaration(runtime, sender, declaration.id, right, "34 Hai Bà Trưng", declaration.version)
    row, case = await fresh(declaration)
    assert (row.state, row.high_risk, row.handled_at) == (DeclarationState.SUBMITTED, True, None)
    assert row.completed_at is not None
    assert (case.high_risk, case.state, case.age_band) == (True, CaseState.SUSPECTED, "66-79")
    identity = runtime.sealer.open(f"case:{case.id}", case.identity)
    assert (identity["name"], identity["street"]) == ("Trần Văn Đúng", "34 Hai Bà Trưng")
    [alert] = await Alert.all().using_db(service_connection())
    assert (alert.kind, alert.state) == ("HIGH_RISK", AlertState.RAISED)
    assert await Assessment.filter(declaration_id=row.id).using_db(service_connection()).count() == 2
    found = await counts(ward)
    assert (found.pending, found.high_risk, found.alerts, found.open_alerts, found.declared) == (1, 1, 1, 1, 1)
    assert (await recount()).differences == {}
    lines = await CaseEvent.filter(case_id=case.id).order_by("id").using_db(service_connection())
    assert [line.kind for line in lines] == [CaseEventKind.INFORMATION_REQUESTED, CaseEventKind.INFORMATION_GIVEN]
    with pytest.raises(Conflict):
        await complete_declaration(runtime, nurse, declaration.id, right)


async def test_what_is_worse_now_calls_the_station_once_more_for_the_same_alert(runtime: Runtime) -> None:
    ward, nurse, sender, declaration = await asked(runtime, TIRED)
    [alert] = await Alert.all().using_db(service_connection())
    await acknowledge(runtime, nurse, alert.id)
    await complete_declaration(runtime, sender, declaration.id, person(BREATHLESS))
    [alert] = await Alert.all().using_db(service_connection())
    assert (alert.state, alert.danger, alert.rank, alert.acknowledged_by) == (AlertState.RAISED, "RED", 0, None)
    assert {code for code, _ in alert.reasons} > {"fatigue"}
    events = await AlertEvent.filter(alert_id=alert.id).order_by("seq").using_db(service_connection())
    assert [one.change for one in events] == [AlertChange.RAISED, AlertChange.ACKNOWLEDGED, AlertChange.WORSENED]
    found = await counts(ward)
    assert (found.severe, found.alerts, found.open_alerts) == (1, 1, 1)


async def test_a_milder_report_counts_as_such_and_takes_no_call_back(runtime: Runtime) -> None:
    ward, nurse, _, declaration = await asked(runtime, BREATHLESS)
    await complete_declaration(runtime, nurse, declaration.id, person(HEALTHY))
    row, case = await fresh(declaration)
    assert (row.severe, case.severe) == (False, True)
    [alert] = await Alert.all().using_db(service_connection())
    assert alert.state == AlertState.RAISED
    assert (await counts(ward)).severe == 0
    assert (await recount()).differences == {}


async def test_the_window_for_declaring_ends_for_nobody_while_the_station_is_asking(runtime: Runtime) -> None:
    _, _, sender, declaration = await asked(runtime)
    runtime.clock.follow(MOMENT, timedelta(days=6))
    late = replace(HEALTHY, test_on=date(2022, 3, 1), symptoms=("no_such",))
    with pytest.raises(InvalidInput) as refused:
        await complete_declaration(runtime, sender, declaration.id, person(late))
    assert {(fault.path[:2], fault.code) for fault in refused.value.faults} == {
        (("person", "test"), "TEST_OUTSIDE_WINDOW"),
        (("person", "symptoms"), "UNKNOWN_CODE"),
    }
    await complete_declaration(runtime, sender, declaration.id, person(HEALTHY))


async def test_nobody_completes_or_withdraws_what_another_phone_has_declared(runtime: Runtime) -> None:
    _, _, _, declaration = await asked(runtime)
    stranger = resident(runtime, "+84912345679")
    with pytest.raises(NotFound):
        await complete_declaration(runtime, stranger, declaration.id, person())
    with pytest.raises(NotFound):
        await withdraw_declaration(runtime, stranger, declaration.id)
    with pytest.raises(NotFound):
        await withdraw_declaration(runtime, ANONYMOUS, declaration.id)


async def test_a_withdrawn_report_leaves_no_case_and_calls_nobody(runtime: Runtime) -> None:
    ward, _, sender, declaration = await asked(runtime, BREATHLESS)
    row = await withdraw_declaration(runtime, sender, declaration.id, declaration.version)
    assert row.state == DeclarationState.WITHDRAWN
    assert (await withdraw_declaration(runtime, sender, declaration.id)).version == row.version
    assert (await fresh(declaration))[1].state == CaseState.NOT_A_CASE
    found = await counts(ward)
    assert (found.pending, found.open_alerts) == (0, 0)


async def test_withdrawing_tells_nobody_that_a_neighbour_is_a_case(runtime: Runtime) -> None:
    ward, *_ = await wards()
    patient = person(name="Lê Thị Hàng", national_id="079000000001")
    first = await declare(runtime, resident(runtime), household(patient, ward=ward, phone=PHONE))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await confirm(runtime, nurse, first.people[0].case_id)
    nosy = resident(runtime, "+84912345679")
    typed = person(name="Ai Đó", national_id="079000000001")
    second = await declare(runtime, nosy, household(typed, ward=ward, phone="0912345679"))
    row = await withdraw_declaration(runtime, nosy, second.people[0].id)
    assert row.state == DeclarationState.WITHDRAWN
    case = await Case.get(id=first.people[0].case_id, using_db=service_connection())
    assert case.state == CaseState.CONFIRMED
    assert (await counts(ward)).pending == 0


async def test_what_is_never_answered_expires_after_the_protocols_time(runtime: Runtime) -> None:
    ward, _, sender, declaration = await asked(runtime)
    runtime.clock.follow(MOMENT, timedelta(days=6, hours=23))
    assert await expire_declarations(runtime) == 0
    runtime.clock.follow(MOMENT, timedelta(days=7, hours=1))
    assert await expire_declarations(runtime) == 1
    assert await expire_declarations(runtime) == 0
    row, case = await fresh(declaration)
    assert (row.state, case.state) == (DeclarationState.EXPIRED, CaseState.NOT_A_CASE)
    assert (await counts(ward)).pending == 0
    with pytest.raises(Conflict):
        await complete_declaration(runtime, sender, declaration.id, person())


async def test_nothing_expires_while_somebody_may_be_in_danger(runtime: Runtime) -> None:
    _, nurse, _, declaration = await asked(runtime, BREATHLESS)
    runtime.clock.follow(MOMENT, timedelta(days=8))
    assert await expire_declarations(runtime) == 0
    [alert] = await Alert.all().using_db(service_connection())
    await acknowledge(runtime, nurse, alert.id)
    assert await expire_declarations(runtime) == 0
    await resolve(runtime, nurse, alert.id, Outcome.ADVISED)
    assert await expire_declarations(runtime) == 1
    assert (await fresh(declaration))[0].state == DeclarationState.EXPIRED
