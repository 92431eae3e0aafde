"""Recording an attempt to reach somebody: what it takes, and what it answers."""

from typing import Annotated

import strawberry

from graph.schema.case import Case
from graph.schema.contact_enums import AdviceGiven, ContactOutcome
from graph.schema.problem import Conflict, InvalidInput, NotFound


@strawberry.input(description="How an attempt to reach the person of a case ended.")
class RecordContactInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    outcome: ContactOutcome = strawberry.field(description="How it ended.")
    advice: list[AdviceGiven] = strawberry.field(
        default_factory=list, description="What the person was told to do; only where somebody was reached."
    )
    note: str | None = strawberry.field(default=None, description="In your own words; kept sealed.")
    version: int | None = strawberry.field(
        default=None, description="The version you have seen: if somebody has changed it since, that is a conflict."
    )


@strawberry.type(description="The attempt is on record.")
class ContactRecorded:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")


RecordContactResult = Annotated[
    ContactRecorded | InvalidInput | NotFound | Conflict,
    strawberry.union("RecordContactResult", description="The case, or why nothing was recorded."),
]
