"""Declaring, against a real database."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from access.actor import ANONYMOUS, Actor
from models.alert import Alert
from models.case import Assessment, Case
from models.database import service_connection
from models.declaration import Declaration, Submission
from models.state import AlertKind, Danger, DeclarationState, Role
from services.confirm import confirm
from services.declare import declare
from services.problem import Conflict, InvalidInput
from services.read_receipt import read_receipt
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, account, area, household, person, wards


def resident(runtime: Runtime, phone: str = "+84912345678") -> Actor:
    return Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(phone))


async def alerts() -> list[Alert]:
    return await Alert.all().order_by("id").using_db(service_connection())


async def how_many(model: type[Case] | type[Submission] | type[Declaration]) -> int:
    return await model.all().using_db(service_connection()).count()


async def test_a_household_of_four_gets_one_receipt_and_a_case_each(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    receipt = await declare(runtime, ANONYMOUS, household(*(person() for _ in range(4)), ward=ward))
    assert len(receipt.people) == 4
    assert receipt.station
    assert await how_many(Case) == 4
    assert await how_many(Submission) == 1


async def test_a_breathless_resident_raises_a_red_alert_at_their_ward(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    receipt = await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    (alert,) = await alerts()
    assert (alert.kind, alert.danger, alert.area_id) == (AlertKind.SEVERE, Danger.RED, ward.id)
    assert not alert.verified
    assert receipt.people[0].assessment.severe


async def test_a_report_that_is_severe_and_high_risk_raises_two(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    await declare(runtime, ANONYMOUS, household(person(replace(OLD_AND_ILL, symptoms=("fatigue",))), ward=ward))
    assert {alert.kind for alert in await alerts()} == {AlertKind.SEVERE, AlertKind.HIGH_RISK}


async def test_ten_concurrent_sends_of_one_key_give_one_declaration_and_one_receipt(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    order = household(person(TIRED), ward=ward, key="the same")
    receipts = await asyncio.gather(*(declare(runtime, ANONYMOUS, order) for _ in range(10)))
    assert {receipt.code for receipt in receipts} == {receipts[0].code}
    assert all(receipt == receipts[0] for receipt in receipts)
    assert await how_many(Declaration) == 1
    assert len(await alerts()) == 1


async def test_the_same_key_with_another_body_is_a_conflict(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    await declare(runtime, ANONYMOUS, household(ward=ward, key="the same"))
    with pytest.raises(Conflict) as caught:
        await declare(runtime, ANONYMOUS, household(ward=ward, key="the same"))
    assert caught.value.reason == "IDEMPOTENCY_KEY_REUSED"


async def test_a_repeat_after_the_test_grew_too_old_still_gets_the_first_answer(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    order = household(ward=ward, key="the same")
    first = await declare(runtime, ANONYMOUS, order)
    runtime.clock.follow(runtime.clock.now().replace(month=6), runtime.clock.now() - runtime.clock.now())
    assert (await declare(runtime, ANONYMOUS, order)).code == first.code


async def test_every_fault_comes_at_once_and_nothing_is_written(runtime: Runtime) -> None:
    broken = replace(
        HEALTHY, birth_date=date(2030, 1, 1), symptoms=("sneezing",), test_on=date(2022, 1, 1), vitals={"spo2": 300}
    )
    order = household(person(broken), ward="99999", phone="12")
    with pytest.raises(InvalidInput) as caught:
        await declare(runtime, ANONYMOUS, order)
    found = {(fault.path, fault.code) for fault in caught.value.faults}
    assert found >= {
        (("contact", "phone"), "BAD_PHONE"),
        (("address", "area_code"), "UNKNOWN_AREA"),
        (("people", 0, "birth_date"), "IN_FUTURE"),
        (("people", 0, "symptoms", 0), "UNKNOWN_CODE"),
        (("people", 0, "vitals", "spo2"), "OUT_OF_BOUNDS"),
    }
    assert await how_many(Submission) == 0


async def test_a_district_is_no_ward(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    district = await area(ward.parent_id)
    with pytest.raises(InvalidInput) as caught:
        await declare(runtime, ANONYMOUS, household(ward=district))
    assert [fault.code for fault in caught.value.faults] == ["NOT_A_WARD"]


async def test_a_verified_second_report_joins_the_open_case_and_alerts_when_it_is_worse(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    actor = resident(runtime)
    first = await declare(runtime, actor, household(person(TIRED, name="Trần Văn Bình"), ward=ward))
    second = await declare(runtime, actor, household(person(BREATHLESS, name="trần  văn bình"), ward=ward))
    third = await declare(runtime, actor, household(person(TIRED, name="Trần Văn Bình"), ward=ward))
    assert {one.people[0].case_id for one in (first, second, third)} == {first.people[0].case_id}
    assert [alert.danger for alert in await alerts()] == [Danger.AMBER, Danger.RED]
    case = await Case.get(id=first.people[0].case_id, using_db=service_connection())
    assert (case.danger, case.rank) == (Danger.RED, 0)


async def test_an_unverified_report_never_joins_and_its_receipt_looks_the_same(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    first = await declare(
        runtime, resident(runtime), household(person(name="Lê Thị Hoa", national_id="079090001234"), ward=ward)
    )
    second = await declare(
        runtime, ANONYMOUS, household(person(BREATHLESS, name="Kẻ Lạ", national_id="079090001234"), ward=ward)
    )
    assert second.people[0].case_id != first.people[0].case_id
    declarations = await Declaration.all().order_by("id").using_db(service_connection())
    assert [one.possible_duplicate for one in declarations] == [False, True]
    assert second.people[0].case_state == first.people[0].case_state
    untouched = await Case.get(id=first.people[0].case_id, using_db=service_connection())
    assert not untouched.severe


async def test_who_typed_a_number_first_does_not_receive_its_owners_report(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    stranger = household(person(name="Kẻ Lạ", national_id="079090005678"), ward=ward, phone="0987654321")
    taken = await declare(runtime, ANONYMOUS, stranger)
    own = await declare(runtime, resident(runtime), household(person(national_id="079090005678"), ward=ward))
    assert own.people[0].case_id != taken.people[0].case_id


async def test_two_verified_reports_of_one_person_at_once_make_one_case(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    orders = [household(person(TIRED, name="Phạm Văn An"), ward=ward) for _ in range(8)]
    receipts = await asyncio.gather(*(declare(runtime, resident(runtime), order) for order in orders))
    assert len({receipt.people[0].case_id for receipt in receipts}) == 1
    assert len(await alerts()) == 1


async def test_a_receipts_code_opens_its_state_and_nothing_of_the_person(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    receipt = await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    status = await read_receipt(runtime, None, receipt.code.lower().replace("-", " "))
    assert status.code == receipt.code
    assert status.advice != receipt.advice


async def test_identities_are_sealed_and_assessments_explain_themselves(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    receipt = await declare(runtime, ANONYMOUS, household(person(BREATHLESS, name="Đỗ Thị Kín"), ward=ward))
    case = await Case.get(id=receipt.people[0].case_id, using_db=service_connection())
    assert "Kín".encode() not in case.identity
    assert runtime.sealer.open(f"case:{case.id}", case.identity)["name"] == "Đỗ Thị Kín"
    (stored,) = await Assessment.all().using_db(service_connection())
    assert stored.reasons
    assert stored.missing


async def test_where_only_verified_phones_may_declare_the_form_says_so(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    runtime.allow_unverified = False
    try:
        with pytest.raises(InvalidInput) as caught:
            await declare(runtime, ANONYMOUS, household(ward=ward))
        assert [fault.code for fault in caught.value.faults] == ["PHONE_NOT_VERIFIED"]
        assert (await declare(runtime, resident(runtime), household(ward=ward))).code
    finally:
        runtime.allow_unverified = True


async def test_a_report_that_joins_a_confirmed_case_leaves_nothing_to_settle(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    order = [household(person(TIRED, name="Võ Thị Sáu"), ward=ward) for _ in range(2)]
    first = await declare(runtime, resident(runtime), order[0])
    await confirm(runtime, nurse, first.people[0].case_id)
    await declare(runtime, resident(runtime), order[1])
    states = {one.state for one in await Declaration.all().using_db(service_connection())}
    assert states == {DeclarationState.ACCEPTED}


@pytest.mark.parametrize(("key", "code"), [("k" * 129, "TOO_LONG"), (" ", "REQUIRED"), ("a\0b", "BAD_CHARACTER")])
async def test_what_cannot_be_a_key_is_a_fault_like_any_other(runtime: Runtime, key: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await declare(runtime, ANONYMOUS, household(ward="\0", key=key))
    found = {fault.path: fault.code for fault in caught.value.faults}
    assert found == {("idempotency_key",): code, ("address", "area_code"): "BAD_CHARACTER"}
