"""Attempts to reach people."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.schema.contact_enums import AdviceGiven, ContactOutcome
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from services import rows
from services.contact_note import contact_note
from services.rows import ContactAttempt as Row


@strawberry.type(description="One attempt to reach the person of a case.")
class ContactAttempt:
    """See the description."""

    at: datetime = strawberry.field(description="When.")
    outcome: ContactOutcome = strawberry.field(description="How it ended.")
    advice: list[AdviceGiven] = strawberry.field(description="What the person was told to do.")
    row: strawberry.Private[Row]
    case: strawberry.Private[rows.Case]

    @classmethod
    def of(cls, row: Row, case: rows.Case) -> "ContactAttempt":
        """The attempt of a row, with its case."""
        advice = [AdviceGiven(one) for one in row.advice]
        return cls(at=row.at, outcome=row.outcome, advice=advice, row=row, case=case)

    @resolved("Who tried.")
    def by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.account_id)

    @resolved("What was said, for the staff who care for the person; null for everybody else.")
    def note(self, info: Info) -> str | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        return contact_note(context.runtime, context.actor, self.case, self.row, context.operation.seen)
