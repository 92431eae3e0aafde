"""What proves who one is: the provider's token, one's own password, one's own second factor."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.account import Session
from graph.schema.credentials import (
    BeginSecondFactorResult,
    ChangePasswordInput,
    ChangePasswordResult,
    ConfirmSecondFactorInput,
    ConfirmSecondFactorResult,
    SecondFactorBegun,
    SignInWithProviderInput,
    SignInWithProviderResult,
)
from graph.schema.resolved import mutating
from services.change_password import change_password
from services.set_second_factor import begin_second_factor, confirm_second_factor
from services.sign_in_with_provider import sign_in_with_provider


@strawberry.type
class CredentialMutation:
    """Each gives a new session, and ends those that were opened with less."""

    @mutating("Signs in with a token of the department's own provider (OpenID Connect).", Action.SIGN_IN)
    async def sign_in_with_provider(self, info: Info, input: SignInWithProviderInput) -> SignInWithProviderResult:
        """The session."""
        context = info.context
        opened = await sign_in_with_provider(context.runtime, input.id_token, input.code, caller=context.actor)
        return Session.of(opened)

    @mutating(
        "Changes one's own password: every session of the account ends, this one too, and a new one begins.",
        Action.CHANGE_OWN_PASSWORD,
    )
    async def change_password(self, info: Info, input: ChangePasswordInput) -> ChangePasswordResult:
        """The new session."""
        actor = info.context.account()
        changed = await change_password(info.context.runtime, actor, input.current_password, input.new_password)
        return Session.of(changed)

    @mutating("Makes a secret for one's own authenticator app.", Action.SET_SECOND_FACTOR)
    async def begin_second_factor(self, info: Info) -> BeginSecondFactorResult:
        """The secret, this once."""
        begun = await begin_second_factor(info.context.runtime, info.context.account())
        return SecondFactorBegun(secret=begun.secret, uri=begun.uri)

    @mutating(
        "Proves that the app has the secret: from now on signing in needs its code. Every session of the account ends, "
        "this one too, and a new one begins.",
        Action.SET_SECOND_FACTOR,
    )
    async def confirm_second_factor(self, info: Info, input: ConfirmSecondFactorInput) -> ConfirmSecondFactorResult:
        """The new session."""
        return Session.of(await confirm_second_factor(info.context.runtime, info.context.account(), input.code))
