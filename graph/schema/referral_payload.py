"""Referring, answering and closing: what is said, and what is answered."""

from datetime import date
from typing import Annotated

import strawberry

from graph.schema.case import Case
from graph.schema.problem import Conflict, InvalidInput, NotFound
from graph.schema.referral import Referral

_SEEN = "The version you have seen: if somebody has changed it since, that is a conflict."


@strawberry.input(description="Which hospital is asked to take whom, and why.")
class ReferCaseInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    hospital_id: strawberry.ID = strawberry.field(description="The hospital's id, as `hospitals` has it.")
    reason: str = strawberry.field(description="Why, for the hospital; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Which referral moves on.")
class ReferralInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The referral's id.")
    note: str | None = strawberry.field(default=None, description="In your own words; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Which referral is refused, and why.")
class RefuseReferralInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The referral's id.")
    reason: str = strawberry.field(description="Why the hospital does not take the person; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Who leaves the hospital, and how.")
class DischargeCaseInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The referral's id.")
    recovered: bool = strawberry.field(
        description="Whether the person is over the illness, and is to be released; or else goes on being ill at home."
    )
    note: str | None = strawberry.field(default=None, description="How the person leaves; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Whose referral is taken back, and why.")
class CancelReferralInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    reason: str = strawberry.field(description="Why; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Who has died.")
class RecordDeathInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    on: date = strawberry.field(description="On which day.")
    note: str | None = strawberry.field(default=None, description="In your own words; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Who is lost, or found.")
class MarkCaseInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    note: str | None = strawberry.field(default=None, description="In your own words; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.type(description="The referral has moved on, and its case with it.")
class ReferralChanged:
    """See the description."""

    referral: Referral = strawberry.field(description="The referral as it stands now.")
    case: Case | None = strawberry.field(description="The case as it stands now; null where it is yours no more.")


@strawberry.type(description="The case has moved on.")
class CaseMoved:
    """See the description."""

    case: Case | None = strawberry.field(description="The case as it stands now; null where it is yours no more.")


ReferralResult = Annotated[
    ReferralChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("ReferralResult", description="The referral, or why it stays as it is."),
]
CaseMovedResult = Annotated[
    CaseMoved | InvalidInput | NotFound | Conflict,
    strawberry.union("CaseMovedResult", description="The case, or why it stays as it is."),
]
