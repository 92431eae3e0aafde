"""What the tests of the worklist share: declaring, and looking at what is to be done."""

from dataclasses import replace
from uuid import UUID

from access.actor import ANONYMOUS, Actor
from models.area import Area
from models.case import Case
from models.database import service_connection
from services.declare import declare
from services.list_work import kinds_of, list_work
from services.operation import Operation
from services.page import Page
from services.runtime import Runtime
from services.work_item import WorkFilter, WorkItem
from tests.integration.made import household, person
from triage.report import Report


async def work(
    runtime: Runtime, actor: Actor, wanted: WorkFilter | None = None, first: int = 100, after: str | None = None
) -> Page[WorkItem]:
    """A page of the worklist with all kinds of its items, read as the API reads it."""
    operation = Operation(actor)
    try:
        page = await list_work(runtime, actor, operation, wanted or WorkFilter(), first, after)
        keys = [(item.within, item.case.id) for item in page.items if item.within is not None]
        async with operation.reading() as connection:
            found = await kinds_of(runtime, connection, keys)
    finally:
        await operation.close()
    kinds = {id: kinds for (_, id), kinds in found.items()}
    return replace(page, items=[replace(one, kinds=kinds.get(one.case.id, one.kinds)) for one in page.items])


async def declared(runtime: Runtime, ward: Area, *reports: Report) -> list[UUID]:
    """The cases of one household of so many people."""
    people = [person(report) for report in reports]
    receipt = await declare(runtime, ANONYMOUS, household(*people, ward=ward))
    return [one.case_id for one in receipt.people]


async def put(case_id: UUID, **columns: object) -> None:
    """Writes columns of a case as the act would that is another test's business."""
    await Case.filter(id=case_id).using_db(service_connection()).update(**columns)
