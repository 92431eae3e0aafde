"""Days in which people declare and stations answer, at random but the same for a seed."""

import random
from dataclasses import replace
from datetime import timedelta

from access.actor import ANONYMOUS, Actor
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.database import service_connection, staff_transaction
from models.state import OPEN_ALERT_STATES, AlertState, CaseEventKind, CaseState, Outcome
from services.acknowledge import acknowledge
from services.change_case import ACTIVE, advance, counted, locked_case, note, save_case
from services.confirm import confirm
from services.count_change import add_counts
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, EVERYTHING, HEALTHY, OLD_AND_ILL, TIRED, household, person
from triage.lifecycle import CASE

REPORTS = [HEALTHY, TIRED, BREATHLESS, OLD_AND_ILL, replace(OLD_AND_ILL, symptoms=("fatigue",))]


async def tell(runtime: Runtime, staff: Actor, wards: list[Area], steps: int, seed: int) -> None:
    """So many things that happen, some hours or some days after each other."""
    chance = random.Random(seed)
    for number in range(steps):
        runtime.clock.follow(runtime.clock.now() + timedelta(minutes=chance.choice([1, 7, 45, 300, 900])), timedelta())
        deed = chance.choice([_declare, _declare, _acknowledge, _resolve, _settle, _go_on])
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


_ACTS = ("ISOLATE", "REFER", "ADMIT", "DISCHARGE", "FALL_DUE", "EXTEND", "RELEASE", "DECLARE_DEAD", "LOSE")


async def _go_on(runtime: Runtime, chance: random.Random, staff: Actor, ward: Area) -> None:
    """A confirmed case goes on by some acts of its table, as every use-case does it."""
    found = await Case.filter(state__in=ACTIVE).order_by("id").using_db(service_connection())
    for _ in range(3 if found else 0):
        async with staff_transaction(EVERYTHING) as connection:
            case = await locked_case(connection, staff, chance.choice(found).id)
            if not (acts := [act for act in CASE.allowed(case.state) if act in _ACTS]):
                continue
            now = runtime.clock.now()
            act = chance.choice(acts)
            if act == "LOSE":
                case.state_before = case.state
            before = advance(case, act, now)
            await save_case(connection, case, "state_before")
            await add_counts(connection, [counted(runtime.clock, case, before, now)])
            await note(connection, runtime.sealer, staff, case, CaseEventKind.CORRECTED, now)
