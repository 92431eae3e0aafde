"""What a case shows of how the person is followed up at home."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.schema.arguments import After, First
from graph.schema.check_in import CheckIn
from graph.schema.page import Connection, connected
from graph.schema.resolved import resolved
from services import rows
from services.load_check_ins import CheckInsWanted


@strawberry.type
class Followed:
    """The part of a case that is about follow-up."""

    row: strawberry.Private[rows.Case]

    @resolved(
        "How the person was from day to day, newest first: the trend of what was measured. A resident is given what "
        "their own phone has reported."
    )
    async def check_ins(self, info: Info, first: First = None, after: After = None) -> Connection[CheckIn]:
        """One page, loaded with those of the other cases of the answer."""
        page = await info.context.loaders.check_ins.load(CheckInsWanted(self.row.id, first, after))
        return connected(page, lambda row: CheckIn.of(row, self.row), after)

    @resolved("Until when the next check-in has to come; later it counts as missed. Null where none is awaited.")
    async def next_check_in_due(self, info: Info) -> datetime | None:
        """Of the case itself: an alert's event has it without its follow-up."""
        row = await info.context.loaders.cases.load(self.row.id)
        return row.check_in_due if row else None

    @resolved("When the last check-in came; null where none has.")
    async def last_check_in_at(self, info: Info) -> datetime | None:
        """Of the case itself."""
        row = await info.context.loaders.cases.load(self.row.id)
        return row.last_check_in_at if row else None

    @resolved("How many check-ins in a row did not come; null for whoever does not see the case itself.")
    async def checks_missed(self, info: Info) -> int | None:
        """Of the case itself."""
        row = await info.context.loaders.cases.load(self.row.id)
        return row.checks_missed if row else None
