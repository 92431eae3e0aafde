"""What the tests of the worklist share: declaring, and looking at what is to be done."""

from uuid import UUID

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from models.area import Area
from models.case import Case
from models.database import service_connection, snapshot
from services.declare import declare
from services.list_work import WorkFilter, WorkItem, list_work
from services.page import Page
from services.runtime import Runtime
from tests.integration.made import household, person
from triage.report import Report


async def work(
    runtime: Runtime, actor: Actor, wanted: WorkFilter | None = None, first: int = 100, after: str | None = None
) -> Page[WorkItem]:
    """A page of the worklist, read as the API reads it."""
    async with snapshot(bounds_of(actor)) as connection:
        return await list_work(runtime, actor, connection, wanted or WorkFilter(), first, after)


async def declared(runtime: Runtime, ward: Area, *reports: Report) -> list[UUID]:
    """The cases of one household of so many people."""
    people = [person(report) for report in reports]
    receipt = await declare(runtime, ANONYMOUS, household(*people, ward=ward))
    return [one.case_id for one in receipt.people]


async def put(case_id: UUID, **columns: object) -> None:
    """Writes columns of a case as the act would that is another test's business."""
    await Case.filter(id=case_id).using_db(service_connection()).update(**columns)
