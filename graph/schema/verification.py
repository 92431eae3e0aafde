"""A code on its way to a phone."""

from datetime import datetime

import strawberry

from services.request_verification import CodeSent


@strawberry.type(description="A code is on its way to the phone, whether or not anybody here knows it.")
class VerificationSent:
    """See the description."""

    expires_at: datetime = strawberry.field(description="Until when the code can be used.")
    resend_after: int = strawberry.field(description="After how many seconds another one may be asked for.")

    @classmethod
    def of(cls, sent: CodeSent) -> "VerificationSent":
        """As the service says it."""
        return cls(expires_at=sent.expires_at, resend_after=sent.resend_after)
