"""Signing in with a name and a password."""

from access.actor import ANONYMOUS, Actor
from models.account import Account
from models.database import service_connection
from services.admit import admit, refuse
from services.open_session import OpenedSession
from services.problem import InvalidCredentials
from services.runtime import Runtime
from services.sign_in_tries import SignInTries


async def sign_in(
    runtime: Runtime, username: str, password: str, code: str | None = None, *, caller: Actor = ANONYMOUS
) -> OpenedSession:
    """A session for an account that is not disabled; with a restriction where something has to be done first.

    Raises InvalidCredentials, as slowly for an unknown name as for a known one, for a disabled account and for one
    without a password; SecondFactorNeeded where the account's code is missing; TooManyRequests; TooManyWaiting.
    """
    folded = username.strip().casefold()
    tries = SignInTries(runtime, caller, folded)
    await tries.begin()
    try:
        account = await _proven(runtime, caller, folded, password)
        await tries.look_again()
        return await admit(runtime, caller, account, code, way="password")
    except InvalidCredentials:
        await tries.failed()
        raise


async def _proven(runtime: Runtime, caller: Actor, folded: str, password: str) -> Account:
    account = None
    if folded and len(folded) <= 64 and "\0" not in folded:
        # No transaction is held while argon2 takes its time.
        account = await Account.get_or_none(username=folded, using_db=service_connection())
    stored = account.password_hash if account and account.disabled_at is None else None
    right = await runtime.passwords.matches(stored, password)
    if account is None or not right:
        await refuse(runtime, caller, account, "password", folded)
        raise InvalidCredentials
    return account
