"""Signing in: a password for a session."""

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.database import service_connection, service_transaction
from services.open_session import OpenedSession, open_session
from services.problem import InvalidCredentials
from services.runtime import Runtime


async def sign_in(runtime: Runtime, username: str, password: str) -> OpenedSession:
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
        opened = await open_session(runtime, connection, account_id=usable.id)
        await record(connection, opened.actor, "sign_in", now, [str(usable.id)])
    return opened
