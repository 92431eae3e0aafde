"""What was reported of somebody at home, from day to day."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.assessment import MissingValue, Reason, reasons_of
from graph.schema.enums import Danger
from graph.schema.reported import Vitals
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from services import rows
from services.check_in_said import said


@strawberry.type(description="One check-in: how somebody was who is ill at home, and how it was judged.")
class CheckIn:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The check-in's id.")
    at: datetime = strawberry.field(description="When it arrived.")
    severe: bool = strawberry.field(description="Whether severe signs were reported.")
    danger: Danger | None = strawberry.field(description="How dangerous; null where it is not severe.")
    protocol: str = strawberry.field(description="The version of the protocol it was judged by.")
    undecided: list[MissingValue] = strawberry.field(description="What could not be decided for want of a value.")
    row: strawberry.Private[rows.CheckIn]
    case: strawberry.Private[rows.Case]

    @classmethod
    def of(cls, row: rows.CheckIn, case: rows.Case) -> "CheckIn":
        """The check-in of a row, with its case."""
        return cls(
            id=strawberry.ID(global_id("CheckIn", row.id)),
            at=row.at,
            severe=row.severe,
            danger=row.danger,
            protocol=row.protocol,
            undecided=[MissingValue(criterion=criterion, value=value) for criterion, value in row.missing],
            row=row,
            case=case,
        )

    @resolved("Every criterion that holds.")
    def reasons(self, info: Info) -> list[Reason]:
        """With their texts, from the protocol that was judged by."""
        return reasons_of(self.row.reasons, self.row.protocol, info.context)

    @resolved("The symptoms that were there, codes of the protocol; null for whoever may not see the person.")
    def symptoms(self, info: Info) -> list[str] | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        found = said(context.runtime, context.actor, self.case, self.row, context.operation.seen)
        return list(found.symptoms) if found else None

    @resolved("What was measured; null for whoever may not see the person.")
    def vitals(self, info: Info) -> Vitals | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        found = said(context.runtime, context.actor, self.case, self.row, context.operation.seen)
        return Vitals.of(found) if found else None

    @resolved("Who has entered it for the person; null where the person has.")
    def entered_by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.account_id)
