"""Many at once: each with its own result, nothing half-done, and the same as one by one."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from models.alert import Alert
from models.area import Area
from models.area_count import ALL_DAYS, AckHistogram, AreaCount
from models.audit import Audit
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.declaration import Declaration
from models.state import AlertState, CaseEventKind, CaseState, DeclarationState, Role
from services.accept_declaration import accept_all
from services.acknowledge import acknowledge_all
from services.change_cases import MOST_AT_ONCE, Chosen
from services.confirm import confirm, confirm_all
from services.dismiss import DismissReason, dismiss
from services.problem import Conflict, InvalidInput, NotFound
from services.recount import recount
from services.runtime import Runtime
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, account, wards
from tests.integration.worklist.working import declared

CONFIRM = """
mutation ($input: ConfirmCasesInput!) { confirmCases(input: $input) { __typename
  ... on CasesConfirmed { results { __typename ... on CaseConfirmed { case { id state version } }
    ... on Conflict { reason current { id } } ... on NotFound { code } } }
  ... on InvalidInput { fields { path code } } } }
"""
LIST = "{ worklist { nodes { case { id version } alert { id } } } }"


@pytest.fixture
async def ward() -> Area:
    """A ward."""
    return (await wards())[0]


async def alerts_of(case_id: UUID) -> list[Alert]:
    """The alerts of a case."""
    return await Alert.filter(case_id=case_id).order_by("rank").using_db(service_connection())


async def test_each_case_has_its_own_result_in_the_order_asked(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (elsewhere,) = await declared(runtime, (await wards())[1], HEALTHY)
    good, stale, over, red = await declared(runtime, ward, HEALTHY, HEALTHY, HEALTHY, BREATHLESS)
    await dismiss(runtime, nurse, over, DismissReason.PRANK)
    chosen = [Chosen(red), Chosen(stale, 7), Chosen(uuid4()), Chosen(over), Chosen(elsewhere), Chosen(good, 1)]
    found = await confirm_all(runtime, nurse, [*chosen, Chosen(red)])
    assert [one.reason if isinstance(one, Conflict) else type(one).__name__ for one in found] == [
        "Case",
        "STALE_VERSION",
        "NotFound",
        "WRONG_STATE",
        "NotFound",
        "Case",
        "Case",
    ]
    cases = {case.id: case for case in await Case.all().using_db(service_connection())}
    assert [cases[id].state for id in (red, stale, over, elsewhere, good)] == [
        CaseState.CONFIRMED,
        CaseState.SUSPECTED,
        CaseState.NOT_A_CASE,
        CaseState.SUSPECTED,
        CaseState.CONFIRMED,
    ]
    events = await CaseEvent.filter(kind=CaseEventKind.CONFIRMED).using_db(service_connection())
    assert {event.case_id for event in events} == {red, good}
    assert (await recount()).differences == {}


async def test_many_confirmed_stand_as_one_confirmed_does(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    alone, *together = await declared(runtime, ward, *[OLD_AND_ILL] * 4)
    await confirm(runtime, nurse, alone)
    await confirm_all(runtime, nurse, [Chosen(id) for id in together])
    cases = await Case.filter(id__in=[alone, *together]).using_db(service_connection())
    stood = {
        (case.state, case.version, case.test_on, case.release_on, case.vaccine_doses, case.closed_at) for case in cases
    }
    assert len(stood) == 1
    assert all(case.confirmed_at for case in cases)
    declarations = await Declaration.all().using_db(service_connection())
    assert {(one.state, one.version) for one in declarations} == {(DeclarationState.ACCEPTED, 2)}
    lines = await Audit.filter(action="confirm_case").using_db(service_connection())
    assert sorted(objects for line in lines for objects in line.objects) == sorted(map(str, [alone, *together]))
    assert {line.area_no for line in lines} == {ward.lo}


async def test_alerts_are_taken_with_the_others_of_their_cases(runtime: Runtime, ward: Area) -> None:
    nurse, other = [await account(runtime, Role.STATION_STAFF, ward) for _ in range(2)]
    both, tired, red = await declared(runtime, ward, replace(OLD_AND_ILL, symptoms=("fatigue",)), TIRED, BREATHLESS)
    first, second = await alerts_of(both)
    (amber,) = await alerts_of(tired)
    (taken,) = await alerts_of(red)
    await acknowledge_all(runtime, other, [taken.id])
    runtime.clock.follow(runtime.clock.now() + timedelta(minutes=2), timedelta())
    found = await acknowledge_all(runtime, nurse, [second.id, amber.id, taken.id, first.id, uuid4()])
    assert [sorted(one.id for one in some) for some in found if isinstance(some, list)] == [
        sorted([first.id, second.id]),
        [amber.id],
        [first.id],
    ]
    assert isinstance(found[0], list)
    assert found[0][0].id == second.id
    assert isinstance(found[2], Conflict)
    assert found[2].values == {"account_id": other.account_id}
    assert isinstance(found[4], NotFound)
    rows = await Alert.all().using_db(service_connection())
    assert {row.state for row in rows} == {AlertState.ACKNOWLEDGED}
    total = await AreaCount.get(area_no=ward.lo, day=ALL_DAYS, using_db=service_connection())
    assert (total.open_alerts, total.acknowledged) == (0, 4)
    times = await AckHistogram.filter(day=ALL_DAYS).using_db(service_connection())
    assert sum(one.count for one in times) == 4


async def test_declarations_are_accepted_and_say_so_again_to_whoever_did(runtime: Runtime, ward: Area) -> None:
    nurse, other = [await account(runtime, Role.STATION_STAFF, ward) for _ in range(2)]
    await declared(runtime, ward, *[HEALTHY] * 3)
    a, b, c = [row.id for row in await Declaration.all().order_by("position").using_db(service_connection())]
    assert all(isinstance(one, Declaration) for one in await accept_all(runtime, nurse, [Chosen(a), Chosen(b, 1)]))
    found = await accept_all(runtime, other, [Chosen(b), Chosen(c, 5), Chosen(c), Chosen(uuid4())])
    again = await accept_all(runtime, nurse, [Chosen(a), Chosen(b)])
    assert [one.reason if isinstance(one, Conflict) else type(one).__name__ for one in found] == [
        "WRONG_STATE",
        "STALE_VERSION",
        "STALE_VERSION",
        "NotFound",
    ]
    assert all(isinstance(one, Declaration) for one in again)
    rows = {row.id: row for row in await Declaration.all().using_db(service_connection())}
    assert [(rows[id].state, rows[id].version) for id in (a, b, c)] == [
        (DeclarationState.ACCEPTED, 2),
        (DeclarationState.ACCEPTED, 2),
        (DeclarationState.SUBMITTED, 1),
    ]
    assert (await recount()).differences == {}


@pytest.mark.parametrize("count", [0, MOST_AT_ONCE + 1])
async def test_nothing_and_too_many_are_refused_as_a_whole(runtime: Runtime, ward: Area, count: int) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    ids = [uuid4() for _ in range(count)]
    for refused in (
        confirm_all(runtime, nurse, [Chosen(id) for id in ids]),
        accept_all(runtime, nurse, [Chosen(id) for id in ids]),
        acknowledge_all(runtime, nurse, ids),
    ):
        with pytest.raises(InvalidInput):
            await refused


async def test_two_who_confirm_the_same_page_share_it_without_a_ring(runtime: Runtime, ward: Area) -> None:
    staff = [await account(runtime, Role.STATION_STAFF, ward) for _ in range(2)]
    cases = [id for _ in range(5) for id in await declared(runtime, ward, *[HEALTHY] * 4)]
    orders = [cases, cases[::-1]]
    found = await asyncio.gather(
        *(confirm_all(runtime, one, [Chosen(id, 1) for id in order]) for one, order in zip(staff, orders, strict=True))
    )
    told = [[type(one).__name__ for one in some] for some in found]
    assert sorted(names[0] for names in told) == ["Case", "Conflict"]
    assert all(len(set(names)) == 1 for names in told)
    assert (await recount()).differences == {}


async def test_the_api_answers_for_each_and_shows_what_stands_where_it_refuses(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declared(runtime, ward, BREATHLESS, HEALTHY)
    asking = Asking(runtime)
    red, other = [item["case"] for item in (await asking.data(nurse, LIST))["worklist"]["nodes"]]
    wanted = [{"id": red["id"], "version": 1}, {"id": "nonsense"}, {"id": other["id"], "version": 9}]
    done = (await asking.data(nurse, CONFIRM, {"input": {"cases": wanted}}))["confirmCases"]
    assert done["results"] == [
        {"__typename": "CaseConfirmed", "case": {"id": red["id"], "state": "CONFIRMED", "version": 2}},
        {"__typename": "NotFound", "code": "NOT_FOUND"},
        {"__typename": "Conflict", "reason": "STALE_VERSION", "current": {"id": other["id"]}},
    ]
    none = (await asking.data(nurse, CONFIRM, {"input": {"cases": []}}))["confirmCases"]
    assert none == {"__typename": "InvalidInput", "fields": [{"path": "cases", "code": "OUT_OF_BOUNDS"}]}
