"""Days in which people declare and stations answer, at random but the same for a seed."""

import random
from dataclasses import replace
from datetime import timedelta

from access.actor import ANONYMOUS, Actor
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.database import service_connection
from models.state import OPEN_ALERT_STATES, AlertState, CaseState, Outcome
from services.acknowledge import acknowledge
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, household, person

REPORTS = [HEALTHY, TIRED, BREATHLESS, OLD_AND_ILL, replace(OLD_AND_ILL, symptoms=("fatigue",))]


async def tell(runtime: Runtime, staff: Actor, wards: list[Area], steps: int, seed: int) -> None:
    """So many things that happen, some hours or some days after each other."""
    chance = random.Random(seed)
    for number in range(steps):
        runtime.clock.follow(runtime.clock.now() + timedelta(minutes=chance.choice([1, 7, 45, 300, 900])), timedelta())
        deed = chance.choice([_declare, _declare, _acknowledge, _resolve, _settle])
        await deed(runtime, chance, staff, chance.choice(wards))
        if number % 7 == 0:
            await _declare(runtime, chance, staff, chance.choice(wards))


async def _declare(runtime: Runtime, chance: random.Random, staff: Actor, ward: Area) -> None:
    today = runtime.clock.day()
    people = [
        person(replace(chance.choice(REPORTS), test_on=today - timedelta(days=1))) for _ in range(chance.randint(1, 2))
    ]
    await declare(runtime, ANONYMOUS, household(*people, ward=ward))


async def _acknowledge(runtime: Runtime, chance: random.Random, staff: Actor, ward: Area) -> None:
    if found := await Alert.filter(state__in=OPEN_ALERT_STATES).order_by("id").using_db(service_connection()):
        await acknowledge(runtime, staff, chance.choice(found).id)


async def _resolve(runtime: Runtime, chance: random.Random, staff: Actor, ward: Area) -> None:
    if found := await Alert.filter(state=AlertState.ACKNOWLEDGED).order_by("id").using_db(service_connection()):
        await resolve(runtime, staff, chance.choice(found).id, chance.choice([Outcome.ADVISED, Outcome.UNREACHABLE]))


async def _settle(runtime: Runtime, chance: random.Random, staff: Actor, ward: Area) -> None:
    if found := await Case.filter(state=CaseState.SUSPECTED).order_by("id").using_db(service_connection()):
        case = chance.choice(found)
        if chance.random() < 0.7:
            await confirm(runtime, staff, case.id)
        else:
            await dismiss(runtime, staff, case.id, DismissReason.NEGATIVE_TEST)
