"""Disabling an account: nobody signs in with it any more, and who is signed in is out at once."""

from access.actor import Actor
from access.policy import Action
from access.trail import record
from models.database import service_transaction
from services.end_sessions import bump_access, end_sessions
from services.lock_account import Whom, lock_account
from services.runtime import Runtime


async def disable_account(runtime: Runtime, actor: Actor, whom: Whom) -> int:
    """Disables it and ends its sessions; the answer is how many were open. Again, it changes nothing.

    Raises NotFound where there is no such account for the actor. Its acts stay in the audit under its name.
    """
    now = runtime.clock.now()
    async with service_transaction() as connection:
        account, area_no = await lock_account(connection, actor, Action.CHANGE_ACCOUNT, whom)
        if account.disabled_at is None:
            account.disabled_at = now
            account.version += 1
            await account.save(using_db=connection, update_fields=["disabled_at", "version"])
        await record(connection, actor, "disable_account", now, [str(account.id)], area_no=area_no)
        ended = await end_sessions(connection, account_id=account.id, reason="disabled")
        if not ended:
            await bump_access(connection)
    runtime.hub.wake()
    return ended
