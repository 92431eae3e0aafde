"""The counters equal a recount of the rows, whatever has happened."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from access.actor import ANONYMOUS, Actor
from models.alert import Alert
from models.area_count import ALL_DAYS, AckHistogram, AreaCount
from models.case import Case
from models.database import service_connection
from models.declaration import Declaration
from models.state import OPEN_ALERT_STATES, AlertState, CaseState, DeclarationState, Outcome, Role
from services.ack_buckets import bucket
from services.acknowledge import acknowledge
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.problem import Conflict
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, account, area, household, person, wards

REPORTS = [HEALTHY, TIRED, BREATHLESS, OLD_AND_ILL, replace(OLD_AND_ILL, symptoms=("fatigue",))]


async def step(runtime: Runtime, chance: random.Random, staff: Actor) -> None:
    """One thing that happens; what the state does not allow is refused and must change nothing."""
    alerts = await Alert.all().using_db(service_connection())
    cases = await Case.all().using_db(service_connection())
    deed = chance.choice(["declare", "declare", "declare", "acknowledge", "resolve", "confirm", "dismiss", "wait"])
    try:
        if deed == "declare":
            people = [person(chance.choice(REPORTS), name=f"Người {chance.randrange(12)}") for _ in range(1)]
            phone = f"09123456{chance.randrange(3):02}"
            known = runtime.pseudonymiser.phone(f"+84{phone[1:]}")
            actor = chance.choice([ANONYMOUS, Actor("RESIDENT", phone_hash=known)])
            ward = chance.choice(await wards(4))
            await declare(runtime, actor, household(*people, ward=ward, phone=phone))
        elif deed == "acknowledge" and alerts:
            await acknowledge(runtime, staff, chance.choice(alerts).id)
        elif deed == "resolve" and alerts:
            await resolve(runtime, staff, chance.choice(alerts).id, chance.choice(list(Outcome)))
        elif deed == "confirm" and cases:
            await confirm(runtime, staff, chance.choice(cases).id)
        elif deed == "dismiss" and cases:
            await dismiss(runtime, staff, chance.choice(cases).id, chance.choice(list(DismissReason)))
        else:
            hours = timedelta(minutes=chance.randrange(5, 600))
            runtime.clock.follow(runtime.clock.now() + hours, timedelta())
    except Conflict:
        pass


async def recounted(runtime: Runtime) -> Counter[tuple[str, str]]:
    """Each ward's figures of all days, counted from the rows by the definitions of the glossary."""
    counted: Counter[tuple[str, str]] = Counter()
    for one in await Declaration.all().using_db(service_connection()):
        counted[one.area_id, "declared"] += 1
        counted[one.area_id, "severe"] += one.severe
        counted[one.area_id, "high_risk"] += one.high_risk
        counted[one.area_id, "pending"] += one.state is DeclarationState.SUBMITTED
    for case in await Case.all().using_db(service_connection()):
        counted[case.area_id, "confirmed"] += case.confirmed_at is not None
        counted[case.area_id, "active"] += case.state is CaseState.CONFIRMED
        counted[case.area_id, "contacted"] += case.contacted_at is not None
    for alert in await Alert.all().using_db(service_connection()):
        counted[alert.area_id, "alerts"] += 1
        counted[alert.area_id, "open_alerts"] += alert.state in OPEN_ALERT_STATES
        counted[alert.area_id, "acknowledged"] += alert.acknowledged_at is not None
    return +counted


async def counted(day: date | None) -> Counter[tuple[str, str]]:
    """The same figures as the counters have them: of the totals' rows, or summed over the days' rows."""
    names = ("declared", "severe", "high_risk", "pending", "confirmed", "active", "contacted", "alerts")
    found: Counter[tuple[str, str]] = Counter()
    rows = AreaCount.filter(day=ALL_DAYS) if day else AreaCount.exclude(day=ALL_DAYS)
    for row in await rows.using_db(service_connection()):
        for name in (*names, "open_alerts", "acknowledged"):
            found[row.area_id, name] += getattr(row, name)
    return Counter({place: number for place, number in found.items() if number})


@pytest.mark.parametrize("seed", range(6))
async def test_counters_equal_a_recount_after_a_random_story(runtime: Runtime, seed: int) -> None:
    chance = random.Random(seed)
    staff = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    for _ in range(60):
        await step(runtime, chance, staff)
    expected = await recounted(runtime)
    assert await counted(ALL_DAYS) == expected
    assert await counted(None) == expected


async def test_times_to_acknowledge_are_in_the_bucket_of_their_seconds(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    runtime.clock.follow(runtime.clock.now() + timedelta(minutes=7), timedelta())
    (alert,) = await Alert.all().using_db(service_connection())
    await acknowledge(runtime, nurse, alert.id)
    rows = await AckHistogram.all().order_by("day").using_db(service_connection())
    assert [(row.day, row.bucket, row.count) for row in rows] == [
        (ALL_DAYS, bucket(420), 1),
        (date(2022, 3, 18), bucket(420), 1),
    ]


async def test_a_dismissed_case_leaves_no_alert_open(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    receipt = await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    case = await dismiss(runtime, nurse, receipt.people[0].case_id, DismissReason.PRANK)
    (alert,) = await Alert.all().using_db(service_connection())
    assert (case.state, alert.state) == (CaseState.NOT_A_CASE, AlertState.RESOLVED)


async def test_a_stale_version_changes_nothing(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    receipt = await declare(runtime, ANONYMOUS, household(ward=ward))
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await confirm(runtime, nurse, receipt.people[0].case_id, version=7)
    (case,) = await Case.all().using_db(service_connection())
    assert case.state is CaseState.SUSPECTED
