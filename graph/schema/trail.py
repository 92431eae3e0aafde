"""What was done to a case, and who has looked at it."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from services.list_trail import TrailEntry


@strawberry.type(description="One act upon a case, or one look at it.")
class AuditEntry:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The record's id, as `khaibao audit verify` names it.")
    at: datetime = strawberry.field(description="When it was, by the installation's clock.")
    action: str = strawberry.field(
        description="What it was: declare, see_case, see_alerts, see_person, confirm_case, watch_alerts_ended, ..."
    )
    actor_kind: str = strawberry.field(
        description="Who it was: ACCOUNT, RESIDENT, ANONYMOUS, or SYSTEM for what the program did by itself."
    )
    reason: str | None = strawberry.field(description="Why, where a reason was asked for.")
    row: strawberry.Private[TrailEntry]

    @classmethod
    def of(cls, row: TrailEntry) -> "AuditEntry":
        """The entry of a row."""
        return cls(
            id=strawberry.ID(global_id("AuditEntry", row.id)),
            at=row.at,
            action=row.action,
            actor_kind=row.actor,
            reason=row.reason,
            row=row,
        )

    @resolved("The account whose act it was; null for a resident, for nobody, and for the command line.")
    def by(self, info: Info) -> Staff | None:
        """Loaded for all entries of the answer at once."""
        return staff_or_none(info, self.row.account_id)
