"""How a case ends, or is given up for a while."""

from datetime import date, timedelta

import pytest

from models.alert import Alert
from models.area_count import ALL_DAYS, AreaCount
from models.database import service_connection
from models.referral import Referral
from models.state import AlertState, CaseEventKind, CaseState, ContactOutcome, ReferralState
from services.acknowledge import acknowledge
from services.change_referral import ADMIT, change_referral
from services.mark_lost import mark_found, mark_lost
from services.problem import Conflict, InvalidInput, NotFound
from services.record_contact import record_contact
from services.record_death import record_death
from services.refer_case import refer_case
from services.runtime import Runtime
from tests.integration.care.conftest import Hospitals
from tests.integration.care.patient import Patient, confirmed, later, suspected

TODAY = date(2022, 3, 18)
NO_ANSWER = ContactOutcome.NO_ANSWER


async def figures(patient: Patient) -> tuple[int, int, int, int]:
    row = await AreaCount.get(
        area_no=patient.case.area_no, disease="covid19", day=ALL_DAYS, using_db=service_connection()
    )
    return row.active, row.hospitalised, row.deceased, row.open_alerts


async def call_in_vain(runtime: Runtime, patient: Patient, times: int) -> None:
    for _ in range(times):
        later(runtime, hours=1)
        await record_contact(runtime, patient.nurse, patient.case.id, NO_ANSWER)


async def test_a_death_at_home_closes_the_case_and_its_alerts(runtime: Runtime) -> None:
    patient = await confirmed(runtime, symptoms=("dyspnoea",))
    assert await figures(patient) == (1, 0, 0, 1)
    case = await record_death(runtime, patient.nurse, patient.case.id, TODAY, "Mất tại nhà", patient.case.version)
    assert (case.state, case.closed_at is None, case.check_in_due) == (CaseState.DECEASED, False, None)
    assert await figures(patient) == (0, 0, 1, 0)
    over = Alert.filter(state=AlertState.RESOLVED, outcome=None).using_db(service_connection())
    assert await over.count() == 1
    assert (await patient.timeline())[-1] == CaseEventKind.DECEASED


async def test_an_alert_that_somebody_had_taken_calls_nobody_once_more(runtime: Runtime) -> None:
    patient = await confirmed(runtime, symptoms=("dyspnoea",))
    (alert,) = await Alert.all().using_db(service_connection())
    await acknowledge(runtime, patient.nurse, alert.id)
    await record_death(runtime, patient.nurse, patient.case.id, TODAY)
    await alert.refresh_from_db(using_db=service_connection())
    assert alert.state == AlertState.RESOLVED
    assert await figures(patient) == (0, 0, 1, 0)


async def test_a_death_in_hospital_is_the_hospital_s_to_record_and_ends_its_view(
    runtime: Runtime, hospitals: Hospitals
) -> None:
    patient = await confirmed(runtime, symptoms=("dyspnoea",))
    _, row = await refer_case(runtime, patient.nurse, patient.case.id, "bv-1", "Khó thở")
    await change_referral(runtime, hospitals.first, row.id, ADMIT)
    assert await figures(patient) == (1, 1, 0, 1)
    with pytest.raises(NotFound):
        await record_death(runtime, hospitals.second, patient.case.id, TODAY)
    case = await record_death(runtime, hospitals.first, patient.case.id, TODAY, "Suy hô hấp")
    assert case.state == CaseState.DECEASED
    assert await figures(patient) == (0, 0, 1, 0)
    kept = await Referral.get(id=row.id, using_db=service_connection())
    assert (kept.state, kept.ended_at is None) == (ReferralState.DIED, False)
    with pytest.raises(NotFound):
        await record_death(runtime, hospitals.first, patient.case.id, TODAY)


async def test_a_death_to_come_of_a_suspect_or_of_a_stranger_is_refused(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    with pytest.raises(InvalidInput):
        await record_death(runtime, patient.nurse, patient.case.id, TODAY + timedelta(days=1))
    with pytest.raises(NotFound):
        await record_death(runtime, patient.stranger, patient.case.id, TODAY)
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await record_death(runtime, patient.nurse, patient.case.id, TODAY, None, 99)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await record_death(runtime, patient.nurse, (await suspected(runtime)).case.id, TODAY)
    assert await figures(patient) == (1, 0, 0, 0)


async def test_somebody_is_given_up_after_three_failed_attempts_and_taken_up_where_left(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    await call_in_vain(runtime, patient, 2)
    with pytest.raises(Conflict, match="TOO_FEW_ATTEMPTS"):
        await mark_lost(runtime, patient.nurse, patient.case.id)
    assert (await patient.now()).state == CaseState.CONFIRMED
    await call_in_vain(runtime, patient, 1)
    lost = await mark_lost(runtime, patient.nurse, patient.case.id, "Nhà khóa cửa")
    assert (lost.state, lost.state_before, lost.check_in_due) == (
        CaseState.LOST_TO_FOLLOW_UP,
        CaseState.CONFIRMED,
        None,
    )
    assert (await mark_lost(runtime, patient.nurse, patient.case.id)).version == lost.version
    found = await mark_found(runtime, patient.nurse, patient.case.id)
    assert (found.state, found.state_before, found.check_in_due is None) == (CaseState.CONFIRMED, None, False)
    assert (await patient.timeline())[-2:] == [CaseEventKind.LOST, CaseEventKind.FOUND]
    assert (await figures(patient))[0] == 1


async def test_whoever_is_reached_is_lost_no_more(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    await record_contact(runtime, patient.nurse, patient.case.id, ContactOutcome.REACHED)
    await call_in_vain(runtime, patient, 3)
    await mark_lost(runtime, patient.nurse, patient.case.id)
    row = await record_contact(runtime, patient.nurse, patient.case.id, ContactOutcome.REACHED)
    assert (row.state, row.unreached) == (CaseState.HOME_ISOLATION, 0)
    kept = await patient.now()
    assert (kept.state, kept.state_before) == (CaseState.HOME_ISOLATION, None)


async def test_a_stranger_gives_nobody_up(runtime: Runtime) -> None:
    patient = await confirmed(runtime)
    for act in (mark_lost, mark_found):
        with pytest.raises(NotFound):
            await act(runtime, patient.stranger, patient.case.id)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await mark_found(runtime, patient.nurse, patient.case.id)
