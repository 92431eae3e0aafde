"""Packs of medicine: by the protocol's conditions, out of a stock that is never below nought."""

import asyncio
from datetime import date
from typing import Any

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from models.database import service_connection, snapshot
from models.dispensing import Dispensing
from models.state import CaseEventKind, CaseState, Role
from models.stock import StockBalance, StockEntry
from services.dispense_pack import Answers, PackOrder, PackRefused, dispense_pack
from services.dispensing_note import dispensing_note
from services.pack_options import PackOption, pack_options
from services.problem import Conflict, InvalidInput, NotFound
from services.runtime import Runtime
from services.seen import Seen
from services.stock_change import OutOfStock
from tests.integration.care.patient import Patient, confirmed, later, stocked, suspected
from tests.integration.made import account, wards

C = PackOrder("c", consent=True)


async def balance(actor: Actor, pack: str = "c") -> int:
    row = await StockBalance.get(id=f"{actor.station_id}:{pack}", using_db=service_connection())
    return row.balance


async def given() -> int:
    return await Dispensing.all().using_db(service_connection()).count()


async def refused(runtime: Runtime, patient: Patient, order: PackOrder, actor: Actor | None = None) -> set[str]:
    with pytest.raises(PackRefused) as found:
        await dispense_pack(runtime, actor or patient.nurse, patient.case.id, order)
    return {reason.code for reason in found.value.reasons}


async def options(runtime: Runtime, patient: Patient, actor: Actor) -> dict[str, PackOption]:
    async with snapshot(bounds_of(actor)) as connection:
        case = await patient.now()
        found = await pack_options(runtime, actor, Seen(), connection, [case])
    return {one.pack.code: one for one in found.get(case, ())}


async def test_a_pack_is_given_and_taken_from_the_stock_at_once(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    await stocked(runtime, patient.nurse, "c")
    case, row = await dispense_pack(runtime, patient.nurse, patient.case.id, C, patient.case.version)
    assert (case.state, case.version) == (CaseState.CONFIRMED, patient.case.version + 1)
    assert (row.pack, row.station_id, row.consent, row.protocol) == (
        "c",
        patient.nurse.station_id,
        True,
        "covid19-hcmc-2022-03-17",
    )
    assert await balance(patient.nurse) == 4
    last = await StockEntry.all().order_by("-id").using_db(service_connection()).first()
    assert last is not None
    assert (last.change, last.balance, last.dispensing_id) == (-1, 4, row.id)
    assert (await patient.timeline())[-1] == CaseEventKind.PACK_DISPENSED


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ({"pregnant": True}, "pregnant"),
        ({"pregnant": None}, "pregnant"),
        ({"birth_date": date(2006, 1, 1)}, "under_18"),
        ({"onset_on": date(2022, 3, 12)}, "onset_too_long_ago"),
        ({"vitals": {"spo2": 92, "respiratory_rate": 18}}, "severe"),
    ],
    ids=str,
)
async def test_what_the_report_says_refuses_and_takes_nothing(
    runtime: Runtime, report: dict[str, Any], code: str
) -> None:
    patient = await confirmed(runtime, **report)
    await stocked(runtime, patient.nurse, "c")
    assert await refused(runtime, patient, C) == {code}
    assert (await balance(patient.nurse), await given()) == (5, 0)
    assert (await patient.now()).version == patient.case.version


async def test_consent_and_a_doctor_are_asked_for(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    await stocked(runtime, patient.nurse, "b", "c")
    assert await refused(runtime, patient, PackOrder("c")) == {"consent_missing"}
    assert await refused(runtime, patient, PackOrder("b")) == {"doctor_only"}
    await dispense_pack(runtime, patient.doctor, patient.case.id, PackOrder("b"))
    assert await balance(patient.nurse, "b") == 4


async def test_what_was_asked_and_measured_on_the_spot_counts_first(runtime: Runtime) -> None:
    patient = await confirmed(runtime, onset_on=None, pregnant=None, breastfeeding=None, vitals={})
    await stocked(runtime, patient.nurse, "c")
    assert await refused(runtime, patient, C) == {"onset_unknown", "pregnant", "breastfeeding", "severe"}
    found = Answers(date(2022, 3, 17), False, False, {"spo2": 97, "respiratory_rate": 19})
    late = Answers(date(2022, 3, 17), True, False, {"spo2": 97, "respiratory_rate": 19})
    assert await refused(runtime, patient, PackOrder("c", True, late)) == {"pregnant"}
    order = PackOrder("c", True, found, "Chồng nhận thuốc")
    _, row = await dispense_pack(runtime, patient.nurse, patient.case.id, order)
    assert row.note is not None
    assert "Chồng".encode() not in row.note
    assert dispensing_note(runtime, patient.nurse, patient.case, row, Seen()) == "Chồng nhận thuốc"
    assert dispensing_note(runtime, patient.stranger, patient.case, row, Seen()) is None


async def test_values_that_cannot_be_are_faults_of_the_order(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    answers = Answers(date(2022, 3, 20), vitals={"spo2": 300})
    with pytest.raises(InvalidInput) as wrong:
        await dispense_pack(runtime, patient.nurse, patient.case.id, PackOrder("c", True, answers, ""))
    assert [(fault.path, fault.code) for fault in wrong.value.faults] == [
        (("answers", "onset_on"), "IN_FUTURE"),
        (("answers", "vitals", "spo2"), "OUT_OF_BOUNDS"),
        (("note",), "REQUIRED"),
    ]
    with pytest.raises(InvalidInput):
        await dispense_pack(runtime, patient.nurse, patient.case.id, PackOrder("z"))


async def test_a_pack_that_is_not_there_is_not_given(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    with pytest.raises(OutOfStock) as none:
        await dispense_pack(runtime, patient.nurse, patient.case.id, C)
    assert none.value.balance == 0
    assert await given() == 0
    assert (await patient.now()).version == patient.case.version


async def test_the_last_pack_is_given_to_one_of_two_who_ask_at_once(runtime: Runtime) -> None:
    patients = [await confirmed(runtime), await confirmed(runtime)]
    await stocked(runtime, patients[0].nurse, "c", quantity=1)
    answers = await asyncio.gather(
        *(dispense_pack(runtime, one.nurse, one.case.id, C) for one in patients), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["OutOfStock", "tuple"]
    assert (await balance(patients[0].nurse), await given()) == (0, 1)


async def test_a_repeat_is_the_same_pack_and_another_within_the_course_is_refused(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    await stocked(runtime, patient.nurse, "a")
    order = PackOrder("a")
    _, first = await dispense_pack(runtime, patient.nurse, patient.case.id, order, patient.case.version)
    _, again = await dispense_pack(runtime, patient.nurse, patient.case.id, order, patient.case.version)
    assert again.id == first.id
    assert await refused(runtime, patient, order, patient.doctor) == {"already_given"}
    later(runtime, days=7)
    await dispense_pack(runtime, patient.nurse, patient.case.id, order)
    assert await balance(patient.nurse, "a") == 3


async def test_a_suspected_case_a_stale_version_and_a_stranger_get_nothing(runtime: Runtime) -> None:
    patient = await suspected(runtime)
    await stocked(runtime, patient.nurse, "a")
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await dispense_pack(runtime, patient.nurse, patient.case.id, PackOrder("a"))
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await dispense_pack(runtime, patient.nurse, patient.case.id, PackOrder("a"), patient.case.version + 1)
    with pytest.raises(NotFound):
        await dispense_pack(runtime, patient.stranger, patient.case.id, PackOrder("a"))
    assert await given() == 0


async def test_nobody_takes_from_a_stock_beyond_their_areas(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    await stocked(runtime, patient.stranger, "a")
    order = PackOrder("a", station_id=patient.stranger.station_id)
    with pytest.raises(NotFound):
        await dispense_pack(runtime, patient.nurse, patient.case.id, order)
    assert await balance(patient.stranger, "a") == 5


async def test_a_case_says_which_packs_it_could_be_given_and_what_stands_against_the_others(runtime: Runtime) -> None:
    patient = await confirmed(runtime, pregnant=True)
    await stocked(runtime, patient.nurse, "a", "b")
    found = await options(runtime, patient, patient.nurse)
    assert {code: (one.possible, one.in_stock) for code, one in found.items()} == {
        "a": (True, 5),
        "b": (False, 5),
        "c": (False, 0),
    }
    assert [reason.code for reason in found["c"].reasons] == ["pregnant"]
    assert (await options(runtime, patient, patient.doctor))["b"].possible
    assert await options(runtime, patient, patient.stranger) == {}
    committee = await account(runtime, Role.COMMITTEE, (await wards())[0])
    assert await options(runtime, patient, committee) == {}
