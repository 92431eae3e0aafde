"""Checking in: what it takes, and what it answers."""

from datetime import datetime
from typing import Annotated

import orjson
import strawberry

from graph.schema.case import Case
from graph.schema.check_in import CheckIn
from graph.schema.declare_input import VitalsInput
from graph.schema.problem import Conflict, InvalidInput, NotFound, TooManyRequests
from services.check_in_report import CheckInReport


@strawberry.input(description="How somebody is today. The case is named by one of its declarations, or itself.")
class CheckInInput:
    """See the description."""

    idempotency_key: strawberry.ID = strawberry.field(
        description="Made by the client, one for each check-in: sent again, it gets the first answer back."
    )
    symptoms: list[str] = strawberry.field(
        description="All that are there today, codes of the protocol; an empty list for none."
    )
    vitals: VitalsInput | None = strawberry.field(default=None, description="What was measured.")
    declaration_id: strawberry.ID | None = strawberry.field(
        default=None, description="A declaration of the person, as a receipt has it."
    )
    case_id: strawberry.ID | None = strawberry.field(default=None, description="The case.")

    def report(self) -> CheckInReport:
        """As the services take it. The body is what was reported in one form, whatever the client's spelling of it."""
        vitals = self.vitals.given() if self.vitals else {}
        body = orjson.dumps([self.symptoms, vitals], option=orjson.OPT_SORT_KEYS)
        return CheckInReport(self.idempotency_key, tuple(self.symptoms), vitals, body)


@strawberry.type(description="The check-in was taken.")
class CheckedIn:
    """See the description."""

    check_in: CheckIn = strawberry.field(description="The check-in, as it was judged.")
    case: Case | None = strawberry.field(description="The case as it stands now.")
    next_check_in_due: datetime | None = strawberry.field(
        description="Until when the next one has to come; null where none is awaited."
    )
    advice: str = strawberry.field(description="What to do now, in the language of Accept-Language.")


CheckInResult = Annotated[
    CheckedIn | InvalidInput | NotFound | Conflict | TooManyRequests,
    strawberry.union("CheckInResult", description="The check-in, or why it was not taken."),
]
