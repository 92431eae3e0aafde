"""Cases in home isolation, and moving on to the end of it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from access.actor import Actor
from models.area import Area
from models.case import Case
from models.database import service_connection
from models.state import Role, TestResult
from services.confirm import confirm
from services.declare import declare
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.made import HEALTHY, account, household, person, wards

DAY_0 = date(2022, 3, 17)
# Not the enum itself: pytest takes a class of that name for tests.
NEGATIVE, POSITIVE = TestResult.NEGATIVE, TestResult.POSITIVE


@dataclass(frozen=True)
class Ill:
    """A confirmed case with the staff of its ward, and the resident who has declared it."""

    case: Case
    ward: Area
    staff: Actor
    head: Actor
    resident: Actor


def on_day(runtime: Runtime, number: int) -> date:
    """Puts the clock to that day of the isolation, at about ten in the morning; the test was on day 0."""
    runtime.clock.follow(MOMENT + timedelta(days=number - 1), timedelta())
    return DAY_0 + timedelta(days=number)


async def now_is(case: Case) -> Case:
    """The case as it stands."""
    return await Case.get(id=case.id, using_db=service_connection())


async def ill(runtime: Runtime, *, doses: int | None = 2, phone: str = "0912345678", email: str | None = None) -> Ill:
    """Somebody who was declared by a proven phone and confirmed."""
    (ward, *_) = await wards(1)
    hashed = runtime.pseudonymiser.phone("+84" + phone.removeprefix("0"))
    resident = Actor("RESIDENT", phone_hash=hashed)
    declared = household(person(replace(HEALTHY, vaccine_doses=doses)), ward=ward, phone=phone)
    declared = replace(declared, contact=replace(declared.contact, email=email))
    receipt = await declare(runtime, resident, declared)
    staff = await account(runtime, Role.STATION_STAFF, ward)
    head = await account(runtime, Role.STATION_HEAD, ward)
    case = await confirm(runtime, staff, receipt.people[0].case_id)
    return Ill(case, ward, staff, head, resident)
