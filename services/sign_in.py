"""Signing in and out: a password for a token, and the token's end."""

from dataclasses import dataclass
from datetime import datetime

from access.actor import Actor
from access.authenticate import authenticate
from access.trail import record
from models.account import Account, Session
from models.database import service_connection, service_transaction
from services.open_session import open_session
from services.problem import InvalidCredentials
from services.runtime import Runtime

SESSION_HOURS = 12.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: its token is shown this once."""

    token: str
    expires_at: datetime
    actor: Actor


async def sign_in(runtime: Runtime, username: str, password: str) -> SignedIn:
    """A session for an account that is not disabled. Raises InvalidCredentials, as slowly for an unknown name."""
    folded = username.strip().casefold()
    account = None
    if folded and len(folded) <= 64 and "\0" not in folded:
        # No transaction is held while argon2 takes its time.
        account = await Account.get_or_none(username=folded, using_db=service_connection())
    usable = account if account and account.disabled_at is None else None
    right = await runtime.passwords.matches(usable.password_hash if usable else None, password)
    now = runtime.clock.now()
    if usable is None or not right:
        async with service_transaction() as connection:
            known = [str(account.id)] if account else []
            await record(connection, Actor("ANONYMOUS"), "sign_in_refused", now, known)
        raise InvalidCredentials
    async with service_transaction() as connection:
        opened = await open_session(connection, SESSION_HOURS, account_id=usable.id)
        actor = await authenticate(opened.token, connection)
        await record(connection, actor, "sign_in", now, [str(usable.id)])
    return SignedIn(opened.token, opened.expires_at, actor)


async def sign_out(runtime: Runtime, actor: Actor) -> None:
    """Ends the actor's session; its open subscriptions end within seconds. Without a session it does nothing."""
    if actor.session_id is None:
        return
    async with service_transaction() as connection:
        now = runtime.clock.now()
        await Session.filter(id=actor.session_id, ended_at=None).using_db(connection).update(ended_at=now)
        await record(connection, actor, "sign_out", now, [str(actor.session_id)])
