"""Screens of one hospital share what they are told of its referrals."""

from models.state import ContactOutcome
from services.record_contact import record_contact
from services.refer_case import refer_case
from services.runtime import Runtime
from tests.integration.care.conftest import Hospitals
from tests.integration.care.patient import confirmed
from tests.integration.groups.screens import Screen, engine, members, until, watching_figures

REFERRALS = "subscription { referralsChanged { referrals states { state referrals } } }"


async def test_screens_of_one_hospital_share_and_those_of_another_are_told_nothing_of_it(
    runtime: Runtime, hospitals: Hospitals
) -> None:
    asked = [Screen(hospitals.first, REFERRALS) for _ in "12"]
    other = Screen(hospitals.second, REFERRALS)
    served = engine()
    patient = await confirmed(runtime)
    await record_contact(runtime, patient.nurse, patient.case.id, ContactOutcome.REACHED)
    async with watching_figures(runtime, served, [*asked, other]):
        await until(lambda: members(served) == [1, 2])
        await refer_case(runtime, patient.nurse, patient.case.id, str(hospitals.first.station_id), "SpO2 93")
        await until(lambda: all(b'"referrals":1' in one.shown[-1] for one in asked))
    assert len({one.shared[-1] for one in asked}) == 1
    assert all(b'"referrals":0' in body for body in other.shown)
