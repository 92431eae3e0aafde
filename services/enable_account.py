"""Letting an account sign in again that was disabled."""

from access.actor import Actor
from access.policy import Action
from access.trail import record
from models.database import service_transaction
from services.lock_account import Whom, lock_account
from services.runtime import Runtime


async def enable_account(runtime: Runtime, actor: Actor, whom: Whom) -> None:
    """Enables it, with the password and second factor that it had. Again, it changes nothing.

    Raises NotFound where there is no such account for the actor.
    """
    async with service_transaction() as connection:
        account, area_no = await lock_account(connection, actor, Action.CHANGE_ACCOUNT, whom)
        if account.disabled_at is not None:
            account.disabled_at = None
            account.version += 1
            await account.save(using_db=connection, update_fields=["disabled_at", "version"])
        await record(connection, actor, "enable_account", runtime.clock.now(), [str(account.id)], area_no=area_no)
