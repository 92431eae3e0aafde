"""Claiming a case: what it takes, and what it answers."""

from typing import Annotated

import strawberry

from graph.schema.case import Case
from graph.schema.problem import Conflict, NotFound


@strawberry.input(description="Which case is taken in hand.")
class ClaimCaseInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The case's id.")
    version: int | None = strawberry.field(
        default=None, description="The version you have seen: if somebody has changed it since, that is a conflict."
    )


@strawberry.input(description="Which case is given out of hand.")
class ReleaseClaimInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The case's id.")
    version: int | None = strawberry.field(
        default=None, description="The version you have seen: if somebody has changed it since, that is a conflict."
    )


@strawberry.type(description="You have the case in hand.")
class CaseClaimed:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")


@strawberry.type(description="You have the case in hand no more.")
class ClaimReleased:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")


ClaimCaseResult = Annotated[
    CaseClaimed | NotFound | Conflict,
    strawberry.union("ClaimCaseResult", description="The case, or who has it in hand."),
]
ReleaseClaimResult = Annotated[
    ClaimReleased | NotFound | Conflict,
    strawberry.union("ReleaseClaimResult", description="The case, or who has it in hand instead of you."),
]
