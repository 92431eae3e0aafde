"""Signing in and out, and who one is."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.account import Account, Session, SignedOut
from graph.schema.inputs import SignInInput
from graph.schema.payload import SignInResult
from graph.schema.resolved import mutating, querying
from services.sign_in import sign_in
from services.sign_out import sign_out


@strawberry.type
class SessionQuery:
    """Who one is."""

    @querying("The account that is signed in; null for a resident, and for nobody.", Action.SEE_SELF)
    def me(self, info: Info) -> Account | None:
        """Nothing to wait for."""
        return Account.of(info.context.actor)


@strawberry.type
class SessionMutation:
    """In and out."""

    @mutating("Signs in with a user name, a password, and the code of a second factor.", Action.SIGN_IN)
    async def sign_in(self, info: Info, input: SignInInput) -> SignInResult:
        """The session."""
        context = info.context
        return Session.of(
            await sign_in(context.runtime, input.username, input.password, input.code, caller=context.actor)
        )

    @mutating("Ends the session, with all its tokens; what it has subscribed to ends at once.", Action.KEEP_SESSION)
    async def sign_out(self, info: Info) -> SignedOut:
        """Whether or not there was one."""
        await sign_out(info.context.runtime, info.context.actor)
        return SignedOut(signed_out=True)
