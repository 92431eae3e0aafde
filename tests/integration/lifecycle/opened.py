"""Opening the cases that the tests of two people and one case are about."""

from uuid import UUID

from access.actor import ANONYMOUS
from models.area import Area
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from services.declare import declare
from services.runtime import Runtime
from tests.integration.made import HEALTHY, household, person
from triage.report import Report


async def opened(runtime: Runtime, ward: Area, report: Report = HEALTHY) -> UUID:
    """The id of a new suspected case in the ward."""
    return (await declare(runtime, ANONYMOUS, household(person(report), ward=ward))).people[0].case_id


async def now_is(case_id: UUID) -> Case:
    """The case's row as it stands."""
    return await Case.get(id=case_id, using_db=service_connection())


async def events(case_id: UUID) -> list[CaseEvent]:
    """The lines of what was done to it, oldest first."""
    return await CaseEvent.filter(case_id=case_id).order_by("version", "id").using_db(service_connection())
