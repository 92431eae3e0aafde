"""What mutations take, but for `declare`."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import strawberry

from graph.schema.enums import DismissReason, Outcome
from services.problem import InvalidInput
from triage.fault import Fault

_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)


@strawberry.input(description="Who signs in.")
class SignInInput:
    """See the description."""

    username: str = strawberry.field(description="The account's name.")
    password: str = strawberry.field(description="Its password.")
    code: str | None = strawberry.field(
        default=None, description="The code that the account's authenticator app shows, where it has one."
    )


@strawberry.input(description="Whose phone is to be proven.")
class RequestVerificationInput:
    """See the description."""

    phone: str = strawberry.field(description="A telephone number; without a country code it is read as a local one.")


@strawberry.input(description="The proof that a phone is one's own.")
class VerifyPhoneInput:
    """See the description."""

    phone: str = strawberry.field(description="The telephone number that the code was sent to.")
    code: str = strawberry.field(description="The code, as the text message has it.")


@strawberry.input(description="Whose receipt is claimed.")
class ClaimReceiptInput:
    """See the description."""

    code: str = strawberry.field(description="The receipt's code; case and dash do not matter.")


@strawberry.input(description="Which alert is taken.")
class AcknowledgeAlertInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The alert's id.")


@strawberry.input(description="What came of an alert.")
class ResolveAlertInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The alert's id.")
    outcome: Outcome = strawberry.field(description="How it was resolved.")
    note: str | None = strawberry.field(default=None, description="In your own words; kept sealed.")


@strawberry.input(description="The session that is to go on.")
class RefreshSessionInput:
    """See the description."""

    refresh_token: str = strawberry.field(description="The newest one that the session was given; it serves once.")


@strawberry.input(description="The newer token of a socket.")
class RenewSessionInput:
    """See the description."""

    token: str = strawberry.field(description="An access token of the same session, from `refreshSession`.")


@strawberry.input(description="Which case is confirmed.")
class ConfirmCaseInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The case's id.")
    version: int | None = strawberry.field(
        default=None, description="The version you have seen: if somebody has changed it since, that is a conflict."
    )


@strawberry.input(description="Which case is dismissed, and why.")
class DismissCaseInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The case's id.")
    reason: DismissReason = strawberry.field(description="Why it is no case.")
    version: int | None = strawberry.field(
        default=None, description="The version you have seen: if somebody has changed it since, that is a conflict."
    )


@strawberry.input(description="Who is erased, and why.")
class ErasePersonInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The id of one of the person's cases.")
    reason: str = strawberry.field(description="Why, in a few words; kept sealed in the audit.")


@strawberry.input(description="Whose name a committee needs, and what for.")
class RevealPersonInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id, as an alert has it.")
    reason: str = strawberry.field(description="What for, in at least ten letters; kept sealed in the audit.")


@strawberry.input(description="Where the clock is moved to.")
class MoveClockInput:
    """See the description."""

    to: datetime = strawberry.field(
        description="The moment that is to be now; without an offset it is one of the installation's time zone."
    )

    def moment(self, zone: ZoneInfo) -> datetime:
        """The moment. Raises InvalidInput for one so far away that reckoning with days would leave the calendar."""
        if not _EARLIEST.year <= self.to.year <= _LATEST.year:
            raise InvalidInput((Fault(("to",), "OUT_OF_BOUNDS", {"minimum": _EARLIEST, "maximum": _LATEST}),))
        return self.to if self.to.tzinfo else self.to.replace(tzinfo=zone)
