"""What each mutation answers: what it has done, or why it has not."""

from typing import Annotated

import strawberry

from graph.schema.account import Session, SessionRenewed
from graph.schema.alert import Alert
from graph.schema.case import Case
from graph.schema.installation import ClockMoved
from graph.schema.own import ReceiptClaimed
from graph.schema.person import Person
from graph.schema.problem import (
    Conflict,
    InvalidCode,
    InvalidCredentials,
    InvalidInput,
    NotFound,
    SecondFactorNeeded,
    SocketOnly,
    TooManyRequests,
)
from graph.schema.receipt import Receipt
from graph.schema.verification import VerificationSent


@strawberry.type(description="The alert was taken.")
class AlertAcknowledged:
    """See the description."""

    alert: Alert = strawberry.field(description="The alert as it stands now.")
    alerts: list[Alert] = strawberry.field(
        description="All alerts that were taken with it: one call to the person answers every open one of the case."
    )


@strawberry.type(description="The alert is over.")
class AlertResolved:
    """See the description."""

    alert: Alert = strawberry.field(description="The alert as it stands now.")


@strawberry.type(description="The case was confirmed.")
class CaseConfirmed:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")


@strawberry.type(description="The case was dismissed.")
class CaseDismissed:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")


@strawberry.type(description="The person was erased: their cases are anonymous, and what was counted stays counted.")
class PersonErased:
    """See the description."""

    cases: list[Case] = strawberry.field(description="All cases of the person, oldest first.")


@strawberry.type(description="Who a case is about; it is on record that you were told.")
class PersonRevealed:
    """See the description."""

    person: Person = strawberry.field(description="The person.")


DeclareResult = Annotated[
    Receipt | InvalidInput | Conflict | TooManyRequests,
    strawberry.union("DeclareResult", description="The receipt, or why nothing was taken."),
]
SignInResult = Annotated[
    Session | SecondFactorNeeded | InvalidCredentials | TooManyRequests,
    strawberry.union("SignInResult", description="A session, or why there is none."),
]
RefreshSessionResult = Annotated[
    Session | InvalidCredentials | TooManyRequests,
    strawberry.union("RefreshSessionResult", description="The session with new tokens, or why there are none."),
]
RenewSessionResult = Annotated[
    SessionRenewed | InvalidCredentials | SocketOnly,
    strawberry.union("RenewSessionResult", description="Until when the socket may stay open, or why not longer."),
]
RequestVerificationResult = Annotated[
    VerificationSent | InvalidInput | TooManyRequests,
    strawberry.union("RequestVerificationResult", description="A code is on its way, or why none is."),
]
VerifyPhoneResult = Annotated[
    Session | InvalidCode | InvalidInput | TooManyRequests,
    strawberry.union("VerifyPhoneResult", description="A resident's session, or why there is none."),
]
ClaimReceiptResult = Annotated[
    ReceiptClaimed | NotFound | TooManyRequests,
    strawberry.union("ClaimReceiptResult", description="What was declared, or that there is no such receipt for you."),
]
AcknowledgeAlertResult = Annotated[
    AlertAcknowledged | NotFound | Conflict,
    strawberry.union("AcknowledgeAlertResult", description="The alert, or why you have not got it."),
]
ResolveAlertResult = Annotated[
    AlertResolved | InvalidInput | NotFound | Conflict,
    strawberry.union("ResolveAlertResult", description="The alert, or why it is not resolved."),
]
ConfirmCaseResult = Annotated[
    CaseConfirmed | NotFound | Conflict,
    strawberry.union("ConfirmCaseResult", description="The case, or why it is not confirmed."),
]
DismissCaseResult = Annotated[
    CaseDismissed | NotFound | Conflict,
    strawberry.union("DismissCaseResult", description="The case, or why it is not dismissed."),
]
ErasePersonResult = Annotated[
    PersonErased | InvalidInput | NotFound | Conflict,
    strawberry.union("ErasePersonResult", description="The anonymous cases, or why nobody was erased."),
]
RevealPersonResult = Annotated[
    PersonRevealed | InvalidInput | NotFound | TooManyRequests,
    strawberry.union("RevealPersonResult", description="The person, or why nobody is revealed."),
]
MoveClockResult = Annotated[
    ClockMoved | InvalidInput | NotFound,
    strawberry.union("MoveClockResult", description="The new moment, or why the clock stays."),
]
