"""Disabling an account: nobody signs in with it any more, and who is signed in is out at once."""

from access.actor import Actor
from access.trail import record
from models.account import Account, Session
from models.database import service_transaction
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
        ended = await Session.filter(account_id=account.id, ended_at=None).using_db(connection).update(ended_at=now)
        await record(connection, actor, "disable_account", now, [str(account.id)])
    return ended
