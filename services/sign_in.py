"""Signing in and out: a password for a token, and the token's end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access.actor import Actor
from access.authenticate import authenticate
from access.tokens import new_token, token_hash
from access.trail import record
from models.account import Account, Session
from models.database import application_connection, staff_transaction
from services.problem import InvalidCredentials
from services.runtime import Runtime


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
        account = await Account.get_or_none(username=folded, using_db=application_connection())
    usable = account if account and account.disabled_at is None else None
    right = await runtime.passwords.matches(usable.password_hash if usable else None, password)
    now = runtime.clock.now()
    if usable is None or not right:
        async with staff_transaction() as connection:
            known = [str(account.id)] if account else []
            await record(connection, Actor("ANONYMOUS"), "sign_in_refused", now, known)
        raise InvalidCredentials
    token = new_token()
    expires_at = now + timedelta(hours=runtime.session_hours)
    async with staff_transaction() as connection:
        await Session.create(
            using_db=connection,
            account_id=usable.id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=expires_at,
        )
        actor = await authenticate(token, now, connection)
        await record(connection, actor, "sign_in", now, [str(usable.id)])
    return SignedIn(token, expires_at, actor)


async def sign_out(runtime: Runtime, actor: Actor) -> None:
    """Ends the actor's session; its open subscriptions end within seconds. Without a session it does nothing."""
    if actor.session_id is None:
        return
    async with staff_transaction() as connection:
        now = runtime.clock.now()
        await Session.filter(id=actor.session_id, ended_at=None).using_db(connection).update(ended_at=now)
        await record(connection, actor, "sign_out", now, [str(actor.session_id)])
