"""After any story of care counters equal a recount, stocks their entries, and a hospital sees what is its own."""

import random
from collections import Counter

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.case_grant import CaseGrant
from models.database import service_connection, snapshot
from models.referral import Referral
from models.state import CaseState, ContactOutcome, GrantKind
from models.stock import StockBalance, StockEntry
from services.change_case import ACTIVE
from services.change_referral import (
    ACCEPT,
    ADMIT,
    DISCHARGE,
    DISCHARGE_RECOVERED,
    REFUSE,
    START_TRANSFER,
    change_referral,
)
from services.dispense_pack import PackOrder, dispense_pack
from services.load_cases import cases_by_id
from services.mark_lost import mark_found, mark_lost
from services.problem import Problem
from services.record_contact import record_contact
from services.record_death import record_death
from services.refer_case import OPEN, refer_case
from services.return_case import return_case
from services.runtime import Runtime
from tests.integration.care.conftest import Hospitals
from tests.integration.care.patient import Patient, confirmed, later, stocked

STEPS = (ACCEPT, REFUSE, START_TRANSFER, ADMIT, DISCHARGE, DISCHARGE_RECOVERED)
DEEDS = ("call", "call", "pack", "refer", "refer", "answer", "answer", "answer", "return", "lose", "find", "die")


async def step(runtime: Runtime, chance: random.Random, patient: Patient, hospitals: Hospitals) -> None:
    """One thing that somebody tries; what is refused must change nothing."""
    deed, id = chance.choice(DEEDS), patient.case.id
    later(runtime, minutes=chance.randrange(2, 90))
    clinic = chance.choice([hospitals.first, hospitals.second])
    actor = chance.choice([patient.nurse, patient.doctor, patient.stranger, clinic])
    try:
        if deed == "call":
            await record_contact(runtime, actor, id, chance.choice(list(ContactOutcome)))
        elif deed == "pack":
            await dispense_pack(runtime, actor, id, PackOrder(chance.choice("abc"), consent=True))
        elif deed == "refer":
            await refer_case(runtime, actor, id, str(clinic.station_id), "Cần thở oxy")
        elif deed == "answer":
            referrals = await Referral.filter(case_id=id).using_db(service_connection())
            if referrals:
                acting = chance.choice([clinic, actor])
                await change_referral(runtime, acting, chance.choice(referrals).id, chance.choice(STEPS))
        elif deed == "return":
            await return_case(runtime, actor, id, "Ở nhà")
        elif deed == "lose":
            await mark_lost(runtime, actor, id)
        elif deed == "find":
            await mark_found(runtime, actor, id)
        elif chance.random() < 0.2:
            await record_death(runtime, actor, id, runtime.clock.day())
    except Problem:
        pass


async def counted(*, of_all_days: bool) -> Counter[str]:
    """The counters, of the totals' rows or summed over the days'."""
    found: Counter[str] = Counter()
    rows = AreaCount.filter(day=ALL_DAYS) if of_all_days else AreaCount.exclude(day=ALL_DAYS)
    for row in await rows.using_db(service_connection()):
        for name in ("active", "contacted", "hospitalised", "deceased", "open_alerts"):
            found[name] += getattr(row, name)
    return +found


async def recounted() -> Counter[str]:
    """The same, counted from the rows."""
    found: Counter[str] = Counter()
    for case in await Case.all().using_db(service_connection()):
        found["active"] += case.state in ACTIVE
        found["contacted"] += case.contacted_at is not None
        found["hospitalised"] += case.state == CaseState.HOSPITALISED
        found["deceased"] += case.state == CaseState.DECEASED
    return +found


@pytest.mark.parametrize("seed", range(2))
async def test_the_books_are_right_after_any_story(runtime: Runtime, hospitals: Hospitals, seed: int) -> None:
    chance = random.Random(seed)
    patients = [await confirmed(runtime) for _ in range(3)]
    await stocked(runtime, patients[0].nurse, "a", "b", "c", quantity=2)
    for _ in range(90):
        await step(runtime, chance, chance.choice(patients), hospitals)
    expected = await recounted()
    assert await counted(of_all_days=True) == expected
    assert await counted(of_all_days=False) == expected
    await stock_is_right()
    for clinic in (hospitals.first, hospitals.second):
        await view_is_right(clinic, patients)


async def stock_is_right() -> None:
    for balance in await StockBalance.all().using_db(service_connection()):
        entries = await StockEntry.filter(pack=balance.pack).order_by("id").using_db(service_connection())
        assert balance.balance == sum(entry.change for entry in entries)
        assert min(entry.balance for entry in entries) >= 0


async def view_is_right(clinic: Actor, patients: list[Patient]) -> None:
    """A hospital sees just the cases of its referrals that are not over: people referred or admitted."""
    ids = [patient.case.id for patient in patients]
    async with snapshot(bounds_of(clinic)) as connection:
        seen = set(await cases_by_id(clinic, connection, ids))
    asked = Referral.filter(hospital_id=clinic.station_id, state__in=OPEN).using_db(service_connection())
    assert seen == {row.case_id for row in await asked}
    for case in await Case.filter(id__in=list(seen)).using_db(service_connection()):
        assert case.state in (CaseState.REFERRED, CaseState.HOSPITALISED)
    grants = CaseGrant.filter(kind=GrantKind.HOSPITAL, ended_at=None, grantee=f"station:{clinic.station_id}")
    assert await grants.using_db(service_connection()).count() == len(seen)
