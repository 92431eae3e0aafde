"""Cases that go to another ward: at once where a report was sent to the wrong one, else when that accepts."""

from collections.abc import Sequence

import pytest
from tortoise import Tortoise

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from access.visible import reachable, visible
from models.alert import Alert, AlertEvent
from models.area import Area
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.case_event import CaseEvent
from models.case_grant import CaseGrant
from models.database import service_connection, snapshot
from models.declaration import Declaration, Submission
from models.state import (
    AlertChange,
    AlertState,
    CaseEventKind,
    CaseState,
    ContactOutcome,
    DeclarationState,
    Role,
    TransferState,
)
from models.transfer import Transfer
from services.accept_declaration import accept_declaration
from services.acknowledge import acknowledge
from services.cancel_hand_overs import cancel_hand_overs
from services.case_tables import case_tables
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.hand_over import accept_hand_over, cancel_hand_over, hand_over_case, refuse_hand_over
from services.list_transfers import list_transfers, transfers_of_cases
from services.mark_duplicate import mark_duplicate
from services.problem import Conflict, InvalidInput, NotFound
from services.record_contact import record_contact
from services.recount import recount
from services.reroute_declaration import reroute_declaration, return_declaration
from services.runtime import Runtime
from services.seen import Seen
from services.transfer_reason import transfer_reason
from tests.integration.made import BREATHLESS, HEALTHY, account, area, household, person, wards
from triage.report import Report

WHY = "Nhà ở phường bên kia."


async def declared(runtime: Runtime, ward: Area, *reports: Report) -> Declaration:
    people = [person(report) for report in reports]
    receipt = await declare(runtime, ANONYMOUS, household(*people, ward=ward))
    return await Declaration.get(id=receipt.people[0].id, using_db=service_connection())


async def two_nurses(runtime: Runtime) -> tuple[Area, Area, Actor, Actor]:
    here, there = await wards()
    return (
        here,
        there,
        await account(runtime, Role.STATION_STAFF, here),
        await account(runtime, Role.STATION_STAFF, there),
    )


async def counts(ward: Area) -> dict[str, int]:
    row = await AreaCount.get_or_none(area_no=ward.lo, day=ALL_DAYS, using_db=service_connection())
    names = ("declared", "severe", "pending", "active", "alerts", "open_alerts", "confirmed")
    return {name: getattr(row, name, 0) if row else 0 for name in names}


async def case_of(declaration: Declaration) -> Case:
    return await Case.get(id=declaration.case_id, using_db=service_connection())


async def changes(alert: Alert) -> Sequence[tuple[AlertChange, int]]:
    rows = await AlertEvent.filter(alert_id=alert.id).order_by("seq").using_db(service_connection())
    return [(row.change, row.area_no) for row in rows]


async def places_of(case: Case) -> set[int]:
    found = set()
    for table, _ in case_tables():
        _, rows = await service_connection().execute_query(
            f"SELECT DISTINCT area_no FROM {table} WHERE case_id = $1", [case.id]
        )
        found |= {row["area_no"] for row in rows}
    return found


async def test_every_table_of_a_case_goes_along_but_for_what_names_both_wards(runtime: Runtime) -> None:
    assert runtime is not None
    moved = {table for table, _ in case_tables()}
    models = Tortoise.apps["models"].values()
    every = {str(model._meta.db_table) for model in models if {"case_id", "area_no"} <= set(model._meta.db_fields)}
    assert every - moved == {"transfer"}
    assert {table for table, placed in case_tables() if placed} == {"alert", "declaration"}


async def test_a_report_for_the_wrong_ward_lies_with_the_right_one_at_once(runtime: Runtime) -> None:
    here, there, sender, receiver = await two_nurses(runtime)
    declaration = await declared(runtime, here, BREATHLESS)
    case = await case_of(declaration)
    await record_contact(runtime, sender, case.id, ContactOutcome.NO_ANSWER)
    row = await reroute_declaration(runtime, sender, declaration.id, there.id, WHY, 1)
    assert (row.state, row.area_id, row.granted) == (DeclarationState.REROUTED, there.id, True)
    case = await case_of(declaration)
    assert (case.area_no, case.state, case.station_id) == (there.lo, CaseState.SUSPECTED, receiver.station_id)
    assert await places_of(case) == {there.lo}
    submission = await Submission.get(id=declaration.submission_id, using_db=service_connection())
    assert submission.area_no == there.lo
    [alert] = await Alert.all().using_db(service_connection())
    assert await changes(alert) == [(AlertChange.RAISED, here.lo), (AlertChange.CARRIED, there.lo)]
    assert (alert.state, alert.station_id) == (AlertState.RAISED, receiver.station_id)
    nothing = dict.fromkeys(await counts(here), 0)
    assert await counts(here) == nothing
    assert await counts(there) == nothing | {"declared": 1, "severe": 1, "pending": 1, "alerts": 1, "open_alerts": 1}
    assert (await recount()).differences == {}


async def test_the_sender_sees_where_it_went_and_acts_on_it_no_more(runtime: Runtime) -> None:
    here, there, sender, receiver = await two_nurses(runtime)
    declaration = await declared(runtime, here, BREATHLESS)
    await reroute_declaration(runtime, sender, declaration.id, there.id, WHY)
    async with snapshot(bounds_of(sender)) as connection:
        assert await visible(sender, Case, connection) == []
        [case] = await reachable(sender, Case, connection)
        [stub] = (await list_transfers(sender, connection)).items
        assert (stub.to_area_id, stub.state) == (there.id, TransferState.REQUESTED)
        assert transfer_reason(runtime, sender, stub, Seen()) == WHY
        assert (await transfers_of_cases(sender, connection, [case.id]))[case.id] == [stub]
    with pytest.raises(NotFound):
        await confirm(runtime, sender, case.id)
    async with snapshot(bounds_of(receiver)) as connection:
        assert [one.id for one in (await list_transfers(receiver, connection)).items] == [stub.id]
    committee = await account(runtime, Role.COMMITTEE, there)
    async with snapshot(bounds_of(committee)) as connection:
        with pytest.raises(NotFound):
            await list_transfers(committee, connection)
        assert (await transfers_of_cases(committee, connection, [case.id]))[case.id] == []


@pytest.mark.parametrize("act", ["accept", "confirm", "dismiss"])
async def test_whoever_decides_on_it_has_taken_it(runtime: Runtime, act: str) -> None:
    _, there, sender, receiver = await two_nurses(runtime)
    declaration = await declared(runtime, (await wards())[0], HEALTHY)
    await reroute_declaration(runtime, sender, declaration.id, there.id, WHY)
    if act == "accept":
        await accept_declaration(runtime, receiver, declaration.id)
    elif act == "confirm":
        await confirm(runtime, receiver, declaration.case_id)
    else:
        await dismiss(runtime, receiver, declaration.case_id, DismissReason.PRANK)
    [transfer] = await Transfer.all().using_db(service_connection())
    assert (transfer.state, transfer.answered_by) == (TransferState.ACCEPTED, receiver.account_id)
    with pytest.raises(Conflict):
        await return_declaration(runtime, receiver, declaration.id, "Không phải.")


async def test_it_goes_back_and_on_and_its_figures_with_it(runtime: Runtime) -> None:
    here, there, sender, receiver = await two_nurses(runtime)
    declaration = await declared(runtime, here, BREATHLESS)
    before = await counts(here)
    await reroute_declaration(runtime, sender, declaration.id, there.id, WHY)
    row = await return_declaration(runtime, receiver, declaration.id, "Nhà ở phường của anh chị.")
    assert (row.state, row.area_id) == (DeclarationState.SUBMITTED, here.id)
    assert await counts(here) == before
    assert set((await counts(there)).values()) == {0}
    await reroute_declaration(runtime, sender, declaration.id, there.id, WHY)
    assert (await case_of(declaration)).area_id == there.id
    states = await Transfer.all().order_by("id").using_db(service_connection())
    assert [one.state for one in states] == [TransferState.REFUSED, TransferState.REQUESTED]
    grants = await CaseGrant.filter(grantee=f"station:{sender.station_id}").using_db(service_connection())
    assert [grant.ended_at for grant in grants] == [None]
    kinds = await CaseEvent.filter(case_id=row.case_id).order_by("id").using_db(service_connection())
    assert [line.kind for line in kinds] == [
        CaseEventKind.REROUTED,
        CaseEventKind.SENT_BACK,
        CaseEventKind.REROUTED,
    ]
    assert (await recount()).differences == {}


async def test_what_was_handed_over_and_then_sent_on_is_counted_where_it_was(runtime: Runtime) -> None:
    here, there, third = await wards(3)
    everywhere = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    declaration = await declared(runtime, here, BREATHLESS)
    transfer = await hand_over_case(runtime, everywhere, declaration.case_id, there.id, "Đã chuyển nhà")
    await accept_hand_over(runtime, everywhere, transfer.id)
    await reroute_declaration(runtime, everywhere, declaration.id, third.id, "Nhầm phường")
    left, between, came = await counts(here), await counts(there), await counts(third)
    assert (left["declared"], left["alerts"], left["pending"]) == (1, 1, 0)
    assert set(between.values()) == {0}
    assert (came["declared"], came["alerts"], came["pending"], came["open_alerts"]) == (0, 0, 1, 1)


async def test_an_alert_of_a_duplicate_stays_counted_where_its_report_lies(runtime: Runtime) -> None:
    here, there, sender, _ = await two_nurses(runtime)
    double, kept = await declared(runtime, there, BREATHLESS), await declared(runtime, here)
    city = await area((await area(here.parent_id)).parent_id)
    doctor = await account(runtime, Role.DEPARTMENT, city)
    await mark_duplicate(runtime, doctor, double.id, kept.id)
    figures = await counts(here), await counts(there)
    assert [(one["alerts"], one["open_alerts"]) for one in figures] == [(0, 1), (1, 0)]
    await reroute_declaration(runtime, sender, kept.id, there.id, WHY)
    figures = await counts(here), await counts(there)
    assert [(one["alerts"], one["open_alerts"]) for one in figures] == [(0, 0), (1, 1)]
    assert (await recount()).differences == {}


async def test_an_alert_that_somebody_had_taken_calls_the_other_ward(runtime: Runtime) -> None:
    here, there, sender, _ = await two_nurses(runtime)
    declaration = await declared(runtime, here, BREATHLESS)
    [alert] = await Alert.all().using_db(service_connection())
    await acknowledge(runtime, sender, alert.id)
    await reroute_declaration(runtime, sender, declaration.id, there.id, WHY)
    [alert] = await Alert.all().using_db(service_connection())
    assert (alert.state, alert.acknowledged_by, alert.area_no) == (AlertState.RAISED, None, there.lo)
    assert ((await counts(here))["open_alerts"], (await counts(there))["open_alerts"]) == (0, 1)


async def test_a_household_that_is_sent_on_in_part_keeps_its_receipt_where_it_is(runtime: Runtime) -> None:
    here, there, sender, _ = await two_nurses(runtime)
    declaration = await declared(runtime, here, HEALTHY, HEALTHY)
    await reroute_declaration(runtime, sender, declaration.id, there.id, WHY)
    submission = await Submission.get(id=declaration.submission_id, using_db=service_connection())
    assert submission.area_no == here.lo
    assert ((await counts(here))["pending"], (await counts(there))["pending"]) == (1, 1)


async def test_nothing_is_sent_nowhere(runtime: Runtime) -> None:
    here, there, sender, receiver = await two_nurses(runtime)
    declaration = await declared(runtime, here, HEALTHY)
    for place, code in (("no-such", "UNKNOWN_AREA"), (here.id, "SAME_AREA"), (str(there.parent_id), "NOT_A_WARD")):
        with pytest.raises(InvalidInput) as refused:
            await reroute_declaration(runtime, sender, declaration.id, place, WHY)
        assert [fault.code for fault in refused.value.faults] == [code]
    with pytest.raises(InvalidInput):
        await reroute_declaration(runtime, sender, declaration.id, there.id, " ")
    with pytest.raises(NotFound):
        await reroute_declaration(runtime, receiver, declaration.id, there.id, WHY)
    assert (await case_of(declaration)).area_id == here.id


async def confirmed(runtime: Runtime, here: Area, nurse: Actor, report: Report = HEALTHY) -> Case:
    declaration = await declared(runtime, here, report)
    return await confirm(runtime, nurse, declaration.case_id)


async def test_a_case_that_is_handed_over_moves_when_the_other_ward_accepts(runtime: Runtime) -> None:
    here, there, sender, receiver = await two_nurses(runtime)
    case = await confirmed(runtime, here, sender, BREATHLESS)
    transfer = await hand_over_case(runtime, sender, case.id, there.id, "Đã chuyển nhà.", case.version)
    assert (await Case.get(id=case.id, using_db=service_connection())).area_id == here.id
    async with snapshot(bounds_of(receiver)) as connection:
        assert [one.id for one in await reachable(receiver, Case, connection)] == [case.id]
    with pytest.raises(Conflict) as waits:
        await hand_over_case(runtime, sender, case.id, there.id, "Đã chuyển nhà.")
    assert waits.value.reason == "HAND_OVER_WAITS"
    with pytest.raises(NotFound):
        await accept_hand_over(runtime, sender, transfer.id)
    taken = await accept_hand_over(runtime, receiver, transfer.id)
    assert (await accept_hand_over(runtime, receiver, transfer.id)).version == taken.version
    moved = await Case.get(id=case.id, using_db=service_connection())
    assert (moved.area_id, moved.station_id, moved.state) == (there.id, receiver.station_id, CaseState.CONFIRMED)
    assert await places_of(moved) == {there.lo}
    left, came = await counts(here), await counts(there)
    assert (left["active"], left["open_alerts"], left["confirmed"], left["declared"]) == (0, 0, 1, 1)
    assert (came["active"], came["open_alerts"], came["confirmed"], came["declared"]) == (1, 1, 0, 0)
    assert (await recount()).differences == {}
    async with snapshot(bounds_of(sender)) as connection:
        assert [one.id for one in await reachable(sender, Case, connection)] == [case.id]


@pytest.mark.parametrize("refused", [True, False])
async def test_a_case_that_nobody_takes_stays_and_is_shown_to_nobody_else(runtime: Runtime, refused: bool) -> None:
    here, there, sender, receiver = await two_nurses(runtime)
    case = await confirmed(runtime, here, sender)
    transfer = await hand_over_case(runtime, sender, case.id, there.id, "Đã chuyển nhà.")
    if refused:
        with pytest.raises(NotFound):
            await refuse_hand_over(runtime, sender, transfer.id, "Không đúng.")
        await refuse_hand_over(runtime, receiver, transfer.id, "Không có ở đây.")
    else:
        with pytest.raises(NotFound):
            await cancel_hand_over(runtime, receiver, transfer.id)
        await cancel_hand_over(runtime, sender, transfer.id)
    with pytest.raises(Conflict) as over:
        await accept_hand_over(runtime, receiver, transfer.id)
    assert over.value.values["allowed"] == ()
    assert (await Case.get(id=case.id, using_db=service_connection())).area_id == here.id
    async with snapshot(bounds_of(receiver)) as connection:
        assert await reachable(receiver, Case, connection) == []
    await hand_over_case(runtime, sender, case.id, there.id, "Đã chuyển nhà.")


async def test_a_hand_over_ends_with_its_case(runtime: Runtime) -> None:
    here, there, sender, receiver = await two_nurses(runtime)
    declaration = await declared(runtime, here, HEALTHY)
    transfer = await hand_over_case(runtime, sender, declaration.case_id, there.id, "Đã chuyển nhà.")
    with pytest.raises(Conflict) as waits:
        await reroute_declaration(runtime, sender, declaration.id, there.id, WHY)
    assert waits.value.reason == "HAND_OVER_WAITS"
    await dismiss(runtime, sender, declaration.case_id, DismissReason.PRANK)
    assert await cancel_hand_overs(runtime) == 1
    assert await cancel_hand_overs(runtime) == 0
    assert (await Transfer.get(id=transfer.id, using_db=service_connection())).state == TransferState.CANCELLED
    async with snapshot(bounds_of(receiver)) as connection:
        assert await reachable(receiver, Case, connection) == []
