"""Cases: to read, to confirm, to dismiss."""

from functools import partial
from typing import Annotated, cast

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.plain_page import plain_page, read_plain
from graph.schema.arguments import After, AreaId, Disease, First, area_key
from graph.schema.case import COLUMNS, Case
from graph.schema.enums import CaseState, Danger
from graph.schema.inputs import ConfirmCaseInput, DismissCaseInput, ErasePersonInput
from graph.schema.page import Connection, connected
from graph.schema.payload import (
    CaseConfirmed,
    CaseDismissed,
    ConfirmCaseResult,
    DismissCaseResult,
    ErasePersonResult,
    PersonErased,
)
from graph.schema.resolved import mutating, querying
from services.confirm import confirm
from services.dismiss import dismiss
from services.erase_person import erase_person
from services.list_cases import CaseFilter, columns_of_cases, list_cases
from services.problem import NotFound
from services.search_cases import search_cases


@strawberry.type
class CaseQuery:
    """To read."""

    @querying("The cases of an area, most dangerous first, then the oldest.", Action.SEE_CASES)
    async def cases(
        self,
        info: Info,
        area_id: AreaId = None,
        states: Annotated[
            list[CaseState] | None, strawberry.argument(description="Only those in these states.")
        ] = None,
        severe: Annotated[bool | None, strawberry.argument(description="Only severe ones, or only the others.")] = None,
        high_risk: Annotated[
            bool | None, strawberry.argument(description="Only those at high risk, or only the others.")
        ] = None,
        dangers: Annotated[list[Danger] | None, strawberry.argument(description="Only those of these dangers.")] = None,
        disease: Disease = None,
        name: Annotated[
            str | None,
            strawberry.argument(
                description="Only those whose person's name has words that begin like these; accents and capitals do "
                "not matter. In one ward at a time, among its open cases unless `states` says otherwise."
            ),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Case]:
        """One page."""
        context, wanted = info.context, CaseFilter(area_key(area_id), states, severe, high_risk, dangers, disease)
        actor = context.account()
        if name is not None:
            async with context.operation.reading() as connection:
                found = await search_cases(context.runtime, actor, connection, wanted, name, first, after)
            shown = [row.id for row in found.page.items]
            area = wanted.area_id or actor.area_id
            context.operation.seen.search("search_cases", shown, area, found.looked_through)
            return connected(found.page, Case.of, after)
        if plain := plain_page(context, "cases", "Case", COLUMNS):
            read = partial(columns_of_cases, actor, wanted, plain.columns, first, after)
            ready = await read_plain(context, plain, Action.SEE_CASES, wanted, first, after, read)
            return cast(Connection[Case], ready)
        async with context.operation.reading() as connection:
            page = await list_cases(actor, connection, wanted, first, after)
        context.operation.seen.page("see_cases", (row.id for row in page.items), wanted.area_id or actor.area_id)
        return connected(page, Case.of, after)

    @querying("One case.", Action.SEE_CASES)
    async def case(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The case's id.")]
    ) -> Case | None:
        """Refused as NOT_FOUND where it is unknown or outside."""
        info.context.account()
        row = await info.context.loaders.cases.load(uuid_of("Case", id))
        if row is None:
            raise NotFound
        info.context.operation.seen.page("see_case", [row.id])
        return Case.of(row)


@strawberry.type
class CaseMutation:
    """To confirm and to dismiss."""

    @mutating("Says that a suspected case is one.", Action.CONFIRM_CASE)
    async def confirm_case(self, info: Info, input: ConfirmCaseInput) -> ConfirmCaseResult:
        """The case as confirmed."""
        actor = info.context.account()
        await info.context.next_mutation()
        row = await confirm(info.context.runtime, actor, uuid_of("Case", input.id), input.version)
        return CaseConfirmed(case=Case.of(row))

    @mutating("Says that a suspected case is none. Its open alerts are over with it.", Action.DISMISS_CASE)
    async def dismiss_case(self, info: Info, input: DismissCaseInput) -> DismissCaseResult:
        """The case as dismissed."""
        actor = info.context.account()
        await info.context.next_mutation()
        row = await dismiss(info.context.runtime, actor, uuid_of("Case", input.id), input.reason, input.version)
        return CaseDismissed(case=Case.of(row))

    @mutating("Erases a person: all their cases become anonymous. It cannot be undone.", Action.ERASE_PERSON)
    async def erase_person(self, info: Info, input: ErasePersonInput) -> ErasePersonResult:
        """The cases as they stand now."""
        context = info.context
        ids = await erase_person(context.runtime, context.account(), uuid_of("Case", input.case_id), input.reason)
        await context.next_mutation()
        rows = await context.loaders.cases.load_many(ids)
        return PersonErased(cases=[Case.of(row) for row in rows if row])
