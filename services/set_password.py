"""A new password, which ends what was begun with the old one."""

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.database import service_transaction
from services.end_sessions import end_sessions
from services.password_faults import password_faults
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime


async def set_password(
    runtime: Runtime, actor: Actor, username: str, password: str, *, must_change: bool = False
) -> int:
    """Sets it and ends the account's sessions: who knew the old one is out. The answer is how many were open.

    `must_change` where somebody else than the account's owner knows it. Raises InvalidInput (WEAK_PASSWORD, TOO_LONG),
    NotFound where there is no such account.
    """
    faults = tuple(password_faults(password, username))
    if faults:
        raise InvalidInput(faults)
    hashed = await runtime.passwords.hash(password)
    now = runtime.clock.now()
    async with service_transaction() as connection:
        account = (
            await Account.select_for_update().using_db(connection).get_or_none(username=username.strip().casefold())
        )
        if account is None:
            raise NotFound
        account.password_hash = hashed
        account.must_change_password = must_change
        account.password_changed_at = now
        changed = ["password_hash", "must_change_password", "password_changed_at"]
        await account.save(using_db=connection, update_fields=changed)
        await record(connection, actor, "set_password", now, [str(account.id)])
        ended = await end_sessions(connection, account_id=account.id, reason="password")
    runtime.hub.wake()
    return ended
