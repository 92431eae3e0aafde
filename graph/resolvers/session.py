"""Signing in and out, and who one is."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.account import Account, Session, SessionRenewed, SignedOut
from graph.schema.inputs import RefreshSessionInput, RenewSessionInput, SignInInput
from graph.schema.payload import RefreshSessionResult, RenewSessionResult, SignInResult
from graph.schema.resolved import mutating, querying
from services.refresh_session import refresh_session
from services.renew_session import renew_session
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

    @mutating(
        "Goes on with a session: new tokens for its refresh token, which serves once. Shown a second time it ends the "
        "session, for then somebody else has it too. Send it without the Authorization of a token that has ended.",
        Action.KEEP_SESSION,
    )
    async def refresh_session(self, info: Info, input: RefreshSessionInput) -> RefreshSessionResult:
        """The session, with the end that it had."""
        context = info.context
        return Session.of(await refresh_session(context.runtime, context.actor, input.refresh_token))

    @mutating(
        "Shows a newer token on an open WebSocket, so that it and its subscriptions go on; without it they end within "
        "a minute after the token they were opened with.",
        Action.KEEP_SESSION,
    )
    async def renew_session(self, info: Info, input: RenewSessionInput) -> RenewSessionResult:
        """Until when."""
        context = info.context
        until = await renew_session(context.runtime, context.actor, input.token, on_socket=context.on_socket)
        return SessionRenewed(expires_at=until)

    @mutating("Ends the session, with all its tokens; what it has subscribed to ends at once.", Action.KEEP_SESSION)
    async def sign_out(self, info: Info) -> SignedOut:
        """Whether or not there was one."""
        await sign_out(info.context.runtime, info.context.actor)
        return SignedOut(signed_out=True)
