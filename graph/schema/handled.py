"""What a case shows of who has it in hand, and of what was done to it."""

from datetime import datetime
from uuid import UUID

import strawberry

from access.policy import Action, may
from graph.context import Info
from graph.schema.arguments import After, First
from graph.schema.page import Connection, connected
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.timeline import TimelineEntry
from services import rows
from services.claim import claimant
from services.list_timeline import Wanted


@strawberry.type
class Handled:
    """The part of a case that is about the staff's work with it."""

    row: strawberry.Private[rows.Case]

    @resolved("Who has it in hand now; null where nobody has.")
    def claimed_by(self, info: Info) -> Staff | None:
        """Loaded for all cases of the answer at once."""
        return staff_or_none(info, self._claimant(info))

    @resolved("Until when, unless they give it out of hand before; null where nobody has it.")
    def claimed_until(self, info: Info) -> datetime | None:
        """By the installation's clock."""
        return self.row.claimed_until if self._claimant(info) else None

    @resolved(
        "What has happened to it, newest first: what was declared, what was done, and its alerts. With what was merged "
        "into it. Null for those who see no cases."
    )
    async def timeline(self, info: Info, first: First = None, after: After = None) -> Connection[TimelineEntry] | None:
        """Loaded for all cases of the answer at once."""
        if not may(info.context.actor, Action.SEE_CASES):
            return None
        page = await info.context.loaders.timelines.load(Wanted(self.row.id, first, after))
        return connected(page, lambda line: TimelineEntry.of(line, self.row), after) if page else None

    def _claimant(self, info: Info) -> UUID | None:
        # A live event is read whole, once for all who hear it: an outline has nothing of the staff's work.
        return claimant(self.row, info.context.runtime) if may(info.context.actor, Action.SEE_CASES) else None
