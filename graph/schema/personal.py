"""What a case shows of its person's other cases."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from services import rows

if TYPE_CHECKING:
    from graph.schema.case import Case

_Case = Annotated["Case", strawberry.lazy("graph.schema.case")]


@strawberry.type(description="Two cases that were found to be of one person.")
class PersonMerge:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The merge's id.")
    at: datetime = strawberry.field(description="When it was.")
    undone_at: datetime | None = strawberry.field(description="When it was taken back; null where it stands.")
    row: strawberry.Private[rows.PersonMerge]

    @classmethod
    def of(cls, row: rows.PersonMerge) -> "PersonMerge":
        """The merge of a row."""
        id = strawberry.ID(global_id("PersonMerge", row.id))
        return cls(id=id, at=row.at, undone_at=row.undone_at, row=row)

    @resolved("Who has merged them.")
    def by(self, info: Info) -> Staff | None:
        """Loaded for all merges of the answer at once."""
        return staff_or_none(info, self.row.account_id)

    @resolved("Who has taken it back.")
    def undone_by(self, info: Info) -> Staff | None:
        """Loaded for all merges of the answer at once."""
        return staff_or_none(info, self.row.undone_by)

    @resolved("The case that is kept; null where you do not see it.")
    async def kept(self, info: Info) -> _Case | None:
        """Loaded for all merges of the answer at once."""
        return await _case(info, self.row.case_id)

    @resolved(
        "The case that was merged: of two that were both open it rests in the other, else it is an earlier episode of "
        "the same person. Null where you do not see it."
    )
    async def merged(self, info: Info) -> _Case | None:
        """Loaded for all merges of the answer at once."""
        return await _case(info, self.row.merged_case_id)


@strawberry.type
class Personal:
    """The part of a case that is about whose it is."""

    row: strawberry.Private[rows.Case]

    @resolved(
        "All of the person's cases that you may see, newest first, this one among them; at most 50. Who falls ill "
        "again has a new case. What was merged into another case is with that one."
    )
    async def episodes(self, info: Info) -> list[_Case]:
        """Loaded for all cases of the answer at once."""
        return [_shown(row) for row in await info.context.loaders.episodes.load(self.row.person_id) or ()]

    @resolved("The person's case before this one, where there is one that you may see.")
    async def previous(self, info: Info) -> _Case | None:
        """Loaded for all cases of the answer at once."""
        here = (self.row.opened_at, self.row.id)
        episodes = await info.context.loaders.episodes.load(self.row.person_id) or ()
        return next((_shown(row) for row in episodes if (row.opened_at, row.id) < here), None)

    @resolved("The case that goes on for this one, which was merged into it; null where you do not see it.")
    async def merged_into(self, info: Info) -> _Case | None:
        """Loaded for all cases of the answer at once."""
        return await _case(info, self.row.merged_into) if self.row.merged_into else None

    @resolved("The merges that it had part in, newest first, those that were taken back too; at most 50.")
    async def merges(self, info: Info) -> list[PersonMerge]:
        """Loaded for all cases of the answer at once."""
        return [PersonMerge.of(row) for row in await info.context.loaders.case_merges.load(self.row.id) or ()]


async def _case(info: Info, id: UUID) -> "Case | None":
    row = await info.context.loaders.cases.load(id)
    return _shown(row) if row else None


def _shown(row: rows.Case) -> "Case":
    from graph.schema.case import Case

    return Case.of(row)
