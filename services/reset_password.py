"""Getting somebody back in who has forgotten the password: a new one for a single use, and an end to all sessions."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.passwords import first_password
from access.policy import Action
from access.trail import record
from models.account import Account
from models.database import service_transaction
from services.end_sessions import end_sessions
from services.lock_account import lock_account
from services.problem import Conflict, Current
from services.runtime import Runtime


async def reset_password(runtime: Runtime, actor: Actor, account_id: UUID) -> str:
    """A password that has to be changed at the next sign-in; it is told this once. The second factor stays.

    Raises NotFound where there is no such account below the actor's role in its jurisdiction; Conflict (WRONG_STATE)
    for a disabled one, (NO_PASSWORD) for one that signs in with the provider alone; TooManyWaiting.
    """
    # Looked at first, so that nobody makes the slow hash work for an account that is not theirs to reset.
    async with service_transaction() as connection:
        await _lock(connection, actor, account_id)
    password = first_password()
    hashed = await runtime.passwords.hash(password)
    now = runtime.clock.now()
    async with service_transaction() as connection:
        account, area_no = await _lock(connection, actor, account_id)
        account.password_hash = hashed
        account.must_change_password = True
        account.password_changed_at = now
        changed = ["password_hash", "must_change_password", "password_changed_at"]
        await account.save(using_db=connection, update_fields=changed)
        await record(connection, actor, "reset_password", now, [str(account.id)], area_no=area_no)
        await end_sessions(connection, account_id=account.id, reason="password")
    runtime.hub.wake()
    return password


async def _lock(connection: AsyncpgDBClient, actor: Actor, account_id: UUID) -> tuple[Account, int]:
    account, area_no = await lock_account(connection, actor, Action.RESET_PASSWORD, account_id)
    if account.disabled_at is not None:
        raise Conflict("WRONG_STATE", Current("ACCOUNT", account.id))
    if account.password_hash is None:
        # A password would be a second way in, past whatever the provider asks for.
        raise Conflict("NO_PASSWORD", Current("ACCOUNT", account.id))
    return account, area_no
