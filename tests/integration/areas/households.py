"""A household to declare, a clock to stand on a day, and the city of March 2022 to declare in."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import data
from access.actor import ANONYMOUS
from clock import Clock
from models.database import service_connection
from models.declaration import Declaration, Submission
from services.declare import declare
from services.household import Address, Contact, HouseholdReport, PersonReport
from services.import_areas import import_areas
from services.import_stations import import_stations
from services.runtime import Runtime
from triage.report import Report

MARCH_2022 = date(2022, 3, 20)
JULY_2025 = date(2025, 7, 1)


def on(runtime: Runtime, day: date) -> Runtime:
    """The same process at noon of another day."""
    clock = Clock(str(runtime.clock.zone()))
    clock.follow(datetime.combine(day, time(5), UTC), timedelta(0))
    return replace(runtime, clock=clock)


async def city_of_2022(runtime: Runtime) -> None:
    """Imports the tree of March 2022 and its stations."""
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    await import_stations(runtime, ANONYMOUS, data.STATIONS_2022.read_bytes())


async def declare_breathless(runtime: Runtime, code: str) -> Declaration:
    """Declares one breathless resident of a ward, which raises an alert, and returns what was written."""
    today = runtime.clock.day()
    report = Report(birth_year=1980, sex="female", test_kind="rapid_antigen", test_on=today, symptoms=("dyspnoea",))
    household = HouseholdReport(
        idempotency_key=str(uuid4()),
        contact=Contact(phone="0912345678"),
        address=Address(area_code=code, street="1 Lê Lợi"),
        people=(PersonReport(full_name="Nguyễn Thị Sáu", sex="female", report=report),),
    )
    await declare(runtime, ANONYMOUS, household)
    connection = service_connection()
    submission = await Submission.get(idempotency_key=household.idempotency_key, using_db=connection)
    return await Declaration.get(submission_id=submission.id, using_db=connection)
