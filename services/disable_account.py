"""Disabling an account: nobody signs in with it any more, and who is signed in is out at once."""

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.database import service_transaction
from services.end_sessions import end_sessions
from services.problem import NotFound
from services.runtime import Runtime


async def disable_account(runtime: Runtime, actor: Actor, username: str) -> int:
    """Disables it for good and ends its sessions; the answer is how many were open. Again, it changes nothing.

    Raises NotFound where there is no such account. Its acts stay in the audit under its name.
    """
    now = runtime.clock.now()
    async with service_transaction() as connection:
        account = (
            await Account.select_for_update().using_db(connection).get_or_none(username=username.strip().casefold())
        )
        if account is None:
            raise NotFound
        if account.disabled_at is None:
            account.disabled_at = now
            await account.save(using_db=connection, update_fields=["disabled_at"])
        await record(connection, actor, "disable_account", now, [str(account.id)])
        ended = await end_sessions(connection, account_id=account.id, reason="disabled")
    runtime.hub.wake()
    return ended
