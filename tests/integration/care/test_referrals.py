"""Referrals: a hospital sees whom it was asked to take, for as long, and does what becomes of them."""

from typing import Any
from uuid import UUID

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.database import service_connection, snapshot
from models.referral import Referral
from models.state import CaseEventKind, CaseState, ContactOutcome, ReferralState, Role
from services.allowed_actions import referral_actions
from services.change_referral import (
    ACCEPT,
    ADMIT,
    DISCHARGE,
    DISCHARGE_RECOVERED,
    REFUSE,
    START_TRANSFER,
    ReferralStep,
    change_referral,
)
from services.identify import identify
from services.list_hospitals import list_hospitals
from services.list_referrals import list_referrals, referrals_of_cases
from services.list_timeline import Wanted, timelines, told
from services.load_cases import cases_by_id
from services.load_contacts import contacts_of_cases
from services.problem import Conflict, InvalidInput, NotFound
from services.record_contact import record_contact
from services.refer_case import refer_case
from services.referral_words import referral_words
from services.return_case import return_case
from services.runtime import Runtime
from services.seen import Seen
from tests.integration.care.conftest import Hospitals
from tests.integration.care.patient import Patient, confirmed, suspected
from tests.integration.made import account, wards

K = CaseEventKind


async def referred(runtime: Runtime, to: Actor) -> tuple[Patient, UUID]:
    """Somebody at home whom the first hospital was asked to take."""
    patient = await confirmed(runtime)
    await record_contact(runtime, patient.nurse, patient.case.id, ContactOutcome.REACHED)
    _, row = await refer_case(runtime, patient.nurse, patient.case.id, str(to.station_id), "SpO2 93, cần thở oxy")
    return patient, row.id


async def seen_by(actor: Actor, case: Case) -> Case | None:
    """The case as the actor's operations read it, through both walls."""
    async with snapshot(bounds_of(actor)) as connection:
        return (await cases_by_id(actor, connection, [case.id])).get(case.id)


async def listed(actor: Actor, **narrowed: Any) -> list[tuple[UUID, ReferralState]]:
    """The actor's referrals."""
    async with snapshot(bounds_of(actor)) as connection:
        page = await list_referrals(actor, connection, **narrowed)
    return [(row.id, row.state) for row in page.items]


async def counts(case: Case) -> tuple[int, int, int]:
    """The ward's active, hospitalised and deceased."""
    row = await AreaCount.get(area_no=case.area_no, disease=case.disease, day=ALL_DAYS, using_db=service_connection())
    return row.active, row.hospitalised, row.deceased


async def walk(runtime: Runtime, id: UUID, *steps: tuple[Actor, ReferralStep]) -> Case:
    """The steps one after another; the case after the last."""
    for actor, step in steps:
        case, _ = await change_referral(runtime, actor, id, step)
    return case


async def test_a_hospital_sees_whom_it_was_asked_to_take_and_nobody_else(
    runtime: Runtime, hospitals: Hospitals
) -> None:
    other = await confirmed(runtime)
    patient, id = await referred(runtime, hospitals.first)
    found = await seen_by(hospitals.first, patient.case)
    assert found is not None
    assert (found.state, found.granted) == (CaseState.REFERRED, True)
    person = identify(runtime, hospitals.first, found, Seen())
    assert person is not None
    assert person.phone == "+84912345678"
    async with snapshot(bounds_of(hospitals.first)) as connection:
        contacts = await contacts_of_cases(hospitals.first, connection, [patient.case.id, other.case.id])
    assert [len(contacts[one.case.id]) for one in (patient, other)] == [1, 0]
    assert await seen_by(hospitals.first, other.case) is None
    assert await seen_by(hospitals.second, patient.case) is None
    assert await listed(hospitals.first) == [(id, ReferralState.REQUESTED)]
    assert await listed(hospitals.second) == []


async def test_from_the_request_to_the_way_home(runtime: Runtime, hospitals: Hospitals) -> None:
    patient, id = await referred(runtime, hospitals.first)
    assert (await patient.now()).check_in_due is None
    clinic = hospitals.first
    await walk(runtime, id, (clinic, ACCEPT), (patient.nurse, START_TRANSFER), (clinic, ADMIT))
    assert (await patient.now()).state == CaseState.HOSPITALISED
    assert await counts(patient.case) == (1, 1, 0)
    case = await walk(runtime, id, (clinic, DISCHARGE))
    assert (case.state, case.check_in_due is None) == (CaseState.HOME_ISOLATION, False)
    assert await counts(patient.case) == (1, 0, 0)
    assert (await patient.timeline())[-5:] == [K.REFERRED, K.REFERRAL_ACCEPTED, K.IN_TRANSFER, K.ADMITTED, K.DISCHARGED]
    kept = await Referral.get(id=id, using_db=service_connection())
    assert (kept.state, kept.ended_at is None, kept.admitted_at is None) == (ReferralState.DISCHARGED, False, False)
    assert await seen_by(clinic, patient.case) is None
    assert await listed(clinic) == []
    with pytest.raises(NotFound):
        await change_referral(runtime, clinic, id, ADMIT)
    # Months later the same hospital may be asked again.
    await refer_case(runtime, patient.nurse, patient.case.id, str(clinic.station_id), "Trở nặng")
    assert await seen_by(clinic, patient.case) is not None


async def test_who_is_discharged_recovered_is_due_for_release(runtime: Runtime, hospitals: Hospitals) -> None:
    patient, id = await referred(runtime, hospitals.first)
    case = await walk(runtime, id, (hospitals.first, ADMIT), (hospitals.first, DISCHARGE_RECOVERED))
    assert case.state == CaseState.RELEASE_DUE
    assert (await patient.now()).state == CaseState.RELEASE_DUE


async def test_where_one_hospital_refuses_another_is_asked(runtime: Runtime, hospitals: Hospitals) -> None:
    patient, id = await referred(runtime, hospitals.first)
    case, row = await change_referral(runtime, hospitals.first, id, REFUSE, "Hết giường")
    assert (case.state, row.state) == (CaseState.REFERRED, ReferralState.REFUSED)
    assert await seen_by(hospitals.first, patient.case) is None
    assert referral_words(runtime, patient.nurse, patient.case, row, Seen()) == ("SpO2 93, cần thở oxy", "Hết giường")
    case, second = await refer_case(runtime, patient.nurse, case.id, str(hospitals.second.station_id), "Cần thở oxy")
    assert (case.state, second.state) == (CaseState.REFERRED, ReferralState.REQUESTED)
    assert await seen_by(hospitals.second, patient.case) is not None
    async with snapshot(bounds_of(hospitals.second)) as connection:
        shown = (await referrals_of_cases(hospitals.second, connection, [case.id]))[case.id]
    assert [one.id for one in shown] == [second.id]
    assert [id for id, _ in await listed(patient.nurse)] == [second.id, row.id]
    assert [id for id, _ in await listed(patient.nurse, states=[ReferralState.REFUSED])] == [row.id]
    await change_referral(runtime, hospitals.second, second.id, REFUSE, "Hết giường")
    case = await return_case(runtime, patient.nurse, case.id, "Không nơi nào nhận")
    assert (case.state, case.check_in_due is None) == (CaseState.HOME_ISOLATION, False)


async def test_a_station_takes_its_referral_back_until_the_person_is_admitted(
    runtime: Runtime, hospitals: Hospitals
) -> None:
    patient, id = await referred(runtime, hospitals.first)
    await change_referral(runtime, hospitals.first, id, ACCEPT)
    case = await return_case(runtime, patient.nurse, patient.case.id, "Gia đình không đồng ý")
    assert case.state == CaseState.HOME_ISOLATION
    assert await seen_by(hospitals.first, patient.case) is None
    _, row = await refer_case(runtime, patient.nurse, case.id, str(hospitals.first.station_id), "Đã đồng ý")
    await change_referral(runtime, hospitals.first, row.id, ADMIT)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await return_case(runtime, patient.nurse, case.id, "Muộn rồi")
    assert await seen_by(hospitals.first, patient.case) is not None


async def test_one_hospital_is_asked_at_a_time_and_a_repeat_is_the_same(runtime: Runtime, hospitals: Hospitals) -> None:
    patient, id = await referred(runtime, hospitals.first)
    _, again = await refer_case(
        runtime, patient.nurse, patient.case.id, str(hospitals.first.station_id), "SpO2 93", patient.case.version
    )
    assert again.id == id
    with pytest.raises(Conflict, match="ALREADY_REFERRED"):
        await refer_case(runtime, patient.nurse, patient.case.id, str(hospitals.second.station_id), "SpO2 93")
    _, first = await change_referral(runtime, hospitals.first, id, ACCEPT, version=1)
    _, repeated = await change_referral(runtime, hospitals.first, id, ACCEPT, version=1)
    assert repeated.version == first.version
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await change_referral(runtime, hospitals.first, id, ADMIT, version=1)


async def test_what_the_table_does_not_have_is_refused(runtime: Runtime, hospitals: Hospitals) -> None:
    patient, id = await referred(runtime, hospitals.first)
    for actor, step in (
        (hospitals.first, START_TRANSFER),
        (hospitals.first, DISCHARGE),
        (patient.nurse, START_TRANSFER),
    ):
        with pytest.raises(Conflict, match="WRONG_STATE"):
            await change_referral(runtime, actor, id, step)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await refer_case(
            runtime, patient.nurse, (await suspected(runtime)).case.id, str(hospitals.first.station_id), "SpO2"
        )
    assert (await patient.now()).state == CaseState.REFERRED


async def test_strangers_find_nothing(runtime: Runtime, hospitals: Hospitals) -> None:
    patient, id = await referred(runtime, hospitals.first)
    case, hospital = patient.case.id, str(hospitals.first.station_id)
    committee = await account(runtime, Role.COMMITTEE, (await wards())[0])
    acts = [
        change_referral(runtime, hospitals.second, id, ACCEPT),
        change_referral(runtime, patient.stranger, id, START_TRANSFER),
        change_referral(runtime, patient.nurse, id, ACCEPT),
        refer_case(runtime, patient.stranger, case, hospital, "SpO2"),
        refer_case(runtime, hospitals.first, case, hospital, "SpO2"),
        return_case(runtime, patient.stranger, case, "Nhầm"),
        return_case(runtime, hospitals.first, case, "Nhầm"),
        listed(committee),
        listed(patient.stranger, area_id=patient.case.area_id),
        listed(hospitals.first, area_id=patient.case.area_id),
        record_contact(runtime, hospitals.first, case, ContactOutcome.REACHED),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            await act
    assert await listed(patient.stranger) == []


async def test_a_hospital_that_is_none_and_a_reason_that_is_none_are_faults(
    runtime: Runtime, hospitals: Hospitals
) -> None:
    patient = await confirmed(runtime)
    for hospital, reason, code in (
        (str(patient.nurse.station_id), "SpO2 93", "NO_HOSPITAL"),
        ("nowhere", "SpO2 93", "NO_HOSPITAL"),
        ("bv-1", " ", "REQUIRED"),
    ):
        with pytest.raises(InvalidInput) as wrong:
            await refer_case(runtime, patient.nurse, patient.case.id, hospital, reason)
        assert [fault.code for fault in wrong.value.faults] == [code]
    assert await Referral.all().using_db(service_connection()).count() == 0


async def test_each_side_is_offered_its_own_acts(runtime: Runtime, hospitals: Hospitals) -> None:
    patient, id = await referred(runtime, hospitals.first)
    row = await Referral.get(id=id, using_db=service_connection())
    assert referral_actions(patient.nurse, row) == ["CANCEL", "RECORD_DEATH"]
    assert referral_actions(hospitals.first, row) == ["ACCEPT", "REFUSE", "ADMIT", "RECORD_DEATH"]
    assert referral_actions(hospitals.second, row) == referral_actions(patient.stranger, row) == []


async def test_who_refers_sees_every_hospital(runtime: Runtime, hospitals: Hospitals) -> None:
    patient = await confirmed(runtime)
    async with snapshot(bounds_of(patient.nurse)) as connection:
        found = await list_hospitals(patient.nurse, connection)
        assert {row.id for row in found.items} == {"bv-1", "bv-2"}
        begun = await list_hospitals(patient.nurse, connection, 1)
        rest = await list_hospitals(patient.nurse, connection, 1, begun.cursors[0])
        assert [row.id for page in (begun, rest) for row in page.items] == [row.id for row in found.items]
        assert begun.has_next
        assert not rest.has_next
        with pytest.raises(NotFound):
            await list_hospitals(hospitals.first, connection)


async def test_a_hospital_is_not_told_by_the_timeline_which_other_one_was_asked(
    runtime: Runtime, hospitals: Hospitals
) -> None:
    patient, id = await referred(runtime, hospitals.first)
    await change_referral(runtime, hospitals.first, id, REFUSE, "Hết giường")
    await refer_case(runtime, patient.nurse, patient.case.id, str(hospitals.second.station_id), "Cần thở oxy")

    async def named(actor: Actor) -> set[object]:
        async with snapshot(bounds_of(actor)) as connection:
            case = (await cases_by_id(actor, connection, [patient.case.id]))[patient.case.id]
            (page,) = (await timelines(actor, connection, [Wanted(case.id)])).values()
        return {told(runtime, actor, case, line, Seen()).get("hospital") for line in page.items} - {None}

    assert await named(patient.nurse) == {hospitals.first.station_id, hospitals.second.station_id}
    assert await named(hospitals.second) == {hospitals.second.station_id}
