"""Proving a phone."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.account import Session
from graph.schema.inputs import RequestVerificationInput, VerifyPhoneInput
from graph.schema.payload import RequestVerificationResult, VerifyPhoneResult
from graph.schema.resolved import mutating
from graph.schema.verification import VerificationSent
from services.request_verification import request_verification
from services.verify_phone import verify_phone


@strawberry.type
class VerificationMutation:
    """Asking for a code, and showing that one has it."""

    @mutating("Sends a code to a phone. The newest one serves, for five minutes and five tries.", Action.VERIFY_PHONE)
    async def request_verification(self, info: Info, input: RequestVerificationInput) -> RequestVerificationResult:
        """That it is on its way."""
        context = info.context
        return VerificationSent.of(await request_verification(context.runtime, context.actor, input.phone))

    @mutating(
        "Proves a phone by its code. With the session's token, what the phone declares is verified.",
        Action.VERIFY_PHONE,
    )
    async def verify_phone(self, info: Info, input: VerifyPhoneInput) -> VerifyPhoneResult:
        """The session."""
        context = info.context
        return Session.of(await verify_phone(context.runtime, context.actor, input.phone, input.code))
