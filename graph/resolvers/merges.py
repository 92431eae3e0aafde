"""Persons: who may be the same, who is, and who was taken down wrongly."""

from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.case import Case
from graph.schema.merge_payload import (
    CorrectPersonInput,
    CorrectPersonResult,
    Duplicates,
    MergePersonsInput,
    MergePersonsResult,
    PersonCorrected,
    PersonsMerged,
    PersonsUnmerged,
    UnmergePersonsInput,
    UnmergePersonsResult,
)
from graph.schema.personal import PersonMerge
from graph.schema.resolved import mutating, querying
from services.correct_person import correct_person
from services.find_duplicates import find_duplicates
from services.merge_persons import merge_persons
from services.unmerge_persons import unmerge_persons


@strawberry.type
class MergeQuery:
    """To find."""

    @querying(
        "Cases that may be of the same person as this one, in its ward and where its identity paper leads to within "
        "your areas; the most alike first, at most 20.",
        Action.MERGE_PERSONS,
    )
    async def duplicates(
        self, info: Info, case_id: Annotated[strawberry.ID, strawberry.argument(description="The case's id.")]
    ) -> Duplicates:
        """Refused as NOT_FOUND where the case is unknown or outside."""
        context, id = info.context, uuid_of("Case", case_id)
        actor = context.account()
        async with context.operation.reading() as connection:
            found = await find_duplicates(context.runtime, actor, connection, id)
        shown = [id, *(one.case.id for one in found.candidates)]
        context.operation.seen.search("see_duplicates", shown, found.case.area_id, found.looked_through)
        return Duplicates.of(found)


@strawberry.type
class MergeMutation:
    """To merge, to take it back, to put right."""

    @mutating(
        "Says that two cases are of one person. Two open ones of one disease become one case, and the second rests in "
        "the first; any other two stay two cases of one person. Nothing of either is lost, and it can be taken back.",
        Action.MERGE_PERSONS,
    )
    async def merge_persons(self, info: Info, input: MergePersonsInput) -> MergePersonsResult:
        """The merge."""
        context = info.context
        actor = context.account()
        keep = uuid_of("Case", input.keep_case_id), input.keep_version
        merge = uuid_of("Case", input.merge_case_id), input.merge_version
        await context.next_mutation()
        row = await merge_persons(context.runtime, actor, keep, merge, input.take)
        return PersonsMerged(merge=PersonMerge.of(row))

    @mutating(
        "Takes a merge back: both cases are as they were, and what was done since stays with the case that it was done "
        "to.",
        Action.MERGE_PERSONS,
    )
    async def unmerge_persons(self, info: Info, input: UnmergePersonsInput) -> UnmergePersonsResult:
        """The merge that was taken back."""
        context, id = info.context, uuid_of("Case", input.case_id)
        actor = context.account()
        await context.next_mutation()
        row = await unmerge_persons(context.runtime, actor, id, input.version)
        return PersonsUnmerged(merge=PersonMerge.of(row))

    @mutating(
        "Puts right who a case is, where it was taken down wrongly. What was declared stays as it was declared; what "
        "stood there before is kept sealed in the timeline.",
        Action.CORRECT_PERSON,
    )
    async def correct_person(self, info: Info, input: CorrectPersonInput) -> CorrectPersonResult:
        """The case as it stands."""
        context, id = info.context, uuid_of("Case", input.case_id)
        actor = context.account()
        await context.next_mutation()
        row = await correct_person(context.runtime, actor, id, input.correction(), input.version)
        return PersonCorrected(case=Case.of(row))
