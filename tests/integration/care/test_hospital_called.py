"""A hospital that is asked to take somebody learns of it: on its live list, and by a text to whoever is on duty."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from access.actor import Actor
from alerts.gateways import Gateways
from alerts.relay import Relay
from alerts.wording import Wording
from models.database import service_connection
from models.outbox_message import OutboxMessage
from models.state import MessageKind, ReferralState, Role
from services.add_duty import Post, add_duty
from services.call_out import who_is_there
from services.change_referral import ACCEPT, change_referral
from services.duty_faults import Shift
from services.on_duty import Place
from services.problem import NotFound
from services.refer_case import refer_case
from services.return_case import return_case
from services.runtime import Runtime
from services.watch_referrals import watch_referrals
from tests.integration.care.conftest import DISTRICT, Hospitals
from tests.integration.care.patient import Patient, confirmed
from tests.integration.made import BREATHLESS, account, area
from tests.integration.sending import Gateway

PHONE = "+84909000111"
ALWAYS = Shift("BS. Trực", "0909000111", tuple(range(1, 8)), time(0), time(0))


async def on_duty(runtime: Runtime, hospital: Actor, shift: Shift = ALWAYS) -> None:
    """Puts somebody on duty there, as the medical centre of its district does."""
    centre = await account(runtime, Role.MEDICAL_CENTRE, await area(DISTRICT))
    await add_duty(runtime, centre, Post(station_id=str(hospital.station_id)), shift)


async def asked(runtime: Runtime, hospital: Actor, **report: Any) -> Patient:
    """Somebody whom the hospital is asked to take."""
    patient = await confirmed(runtime, **report)
    await refer_case(runtime, patient.nurse, patient.case.id, str(hospital.station_id), "SpO2 93, cần thở oxy")
    return patient


async def written() -> list[OutboxMessage]:
    """The messages of referrals."""
    return await OutboxMessage.filter(kind=MessageKind.REFERRAL).order_by("id").using_db(service_connection())


async def sent(runtime: Runtime) -> list[str]:
    """What the gateway is given, now that nobody has to wait for it."""
    gateway = Gateway()
    relay = Relay(service_connection, runtime.sealer, Gateways([gateway]), runtime.clock.now)
    await relay.send_due()
    return [text.body for text in gateway.taken if text.to == PHONE]


async def test_whoever_is_on_duty_gets_a_text_that_names_nobody(runtime: Runtime, hospitals: Hospitals) -> None:
    runtime = replace(runtime, wording=Wording(public_url="https://kb.example"))
    await on_duty(runtime, hospitals.first)
    patient = await asked(runtime, hospitals.first, symptoms=BREATHLESS.symptoms)
    (body,) = await sent(runtime)
    assert body.startswith("Yeu cau nhan benh nhan (DO) tu Phuong ")
    assert body.endswith("https://kb.example/a")
    person = runtime.sealer.open(f"case:{patient.case.id}", patient.case.identity)
    for told in (str(person["name"]), str(person["phone"]), "SpO2", str(patient.case.id)):
        assert told not in body


async def test_nobody_is_told_at_another_hospital_nor_where_no_roster_is_kept(
    runtime: Runtime, hospitals: Hospitals
) -> None:
    await asked(runtime, hospitals.first)
    assert await written() == []
    await on_duty(runtime, hospitals.second)
    await asked(runtime, hospitals.first)
    assert await written() == []


@pytest.mark.parametrize("answered", ["by the hospital", "taken back"])
async def test_what_was_answered_meanwhile_is_not_sent(runtime: Runtime, hospitals: Hospitals, answered: str) -> None:
    await on_duty(runtime, hospitals.first)
    patient = await confirmed(runtime)
    _, row = await refer_case(runtime, patient.nurse, patient.case.id, str(hospitals.first.station_id), "Cần thở oxy")
    if answered == "taken back":
        await return_case(runtime, patient.nurse, patient.case.id, "Đã khỏe lại")
    else:
        await change_referral(runtime, hospitals.first, row.id, ACCEPT)
    assert await sent(runtime) == []


@pytest.mark.parametrize(("symptoms", "woken"), [(BREATHLESS.symptoms, True), (("fatigue",), False)])
async def test_quiet_hours_hold_back_all_but_a_red_case(
    runtime: Runtime, hospitals: Hospitals, symptoms: tuple[str, ...], woken: bool
) -> None:
    here = runtime.clock.now().astimezone(runtime.clock.zone())
    quiet = replace(
        ALWAYS, quiet_from=(here - timedelta(hours=1)).time(), quiet_until=(here + timedelta(hours=1)).time()
    )
    await on_duty(runtime, hospitals.first, quiet)
    await asked(runtime, hospitals.first, symptoms=symptoms)
    assert len(await written()) == 1
    assert bool(await sent(runtime)) == woken


async def test_a_hospital_s_roster_says_nothing_of_who_answers_alerts(runtime: Runtime, hospitals: Hospitals) -> None:
    """Else stations would count as deserted, and all their alerts would be passed on at once."""
    await on_duty(runtime, hospitals.first)
    runtime.no_rosters.forget()
    place = Place(hospitals.first.jurisdiction.lo, "nowhere")
    assert await who_is_there(runtime, service_connection(), [place]) is None


async def test_the_same_request_again_is_no_second_text(runtime: Runtime, hospitals: Hospitals) -> None:
    await on_duty(runtime, hospitals.first)
    patient = await asked(runtime, hospitals.first)
    await refer_case(runtime, patient.nurse, patient.case.id, str(hospitals.first.station_id), "SpO2 93, cần thở oxy")
    assert len(await written()) == 1


async def test_its_live_list_tells_what_comes_and_goes(runtime: Runtime, hospitals: Hospitals) -> None:
    async def soon(changes: Any) -> Any:
        async with asyncio.timeout(15):
            _, counts = await anext(changes)
        return counts.states

    async with (
        aclosing(watch_referrals(runtime, hospitals.first)) as changes,
        aclosing(watch_referrals(runtime, hospitals.second)) as elsewhere,
    ):
        assert await soon(changes) == await soon(elsewhere) == {}
        patient = await confirmed(runtime)
        id = str(hospitals.first.station_id)
        _, row = await refer_case(runtime, patient.nurse, patient.case.id, id, "Cần thở oxy")
        assert await soon(changes) == {ReferralState.REQUESTED: 1}
        await change_referral(runtime, hospitals.first, row.id, ACCEPT)
        assert await soon(changes) == {ReferralState.ACCEPTED: 1}
        await return_case(runtime, patient.nurse, patient.case.id, "Đã khỏe lại")
        assert await soon(changes) == {}
        # Of all that the other hospital was told nothing: the next that it hears is its own.
        await refer_case(runtime, patient.nurse, patient.case.id, str(hospitals.second.station_id), "Cần thở oxy")
        assert await soon(elsewhere) == {ReferralState.REQUESTED: 1}


async def test_nobody_but_a_hospital_watches(runtime: Runtime, hospitals: Hospitals) -> None:
    patient = await confirmed(runtime)
    for actor in (patient.nurse, await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))):
        with pytest.raises(NotFound):
            await anext(watch_referrals(runtime, actor))
