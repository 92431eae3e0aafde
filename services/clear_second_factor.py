"""Taking a second factor away whose phone was lost."""

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.database import service_transaction
from services.end_sessions import end_sessions
from services.problem import NotFound
from services.runtime import Runtime


async def clear_second_factor(runtime: Runtime, actor: Actor, username: str) -> int:
    """Takes it away and ends the account's sessions, which the lost phone may hold; how many were open.

    Where the role needs one, the next sign-in asks for a new one first. Raises NotFound where there is no such account.
    """
    async with service_transaction() as connection:
        account = (
            await Account.select_for_update().using_db(connection).get_or_none(username=username.strip().casefold())
        )
        if account is None:
            raise NotFound
        account.totp_sealed = account.totp_confirmed_at = account.totp_step = None
        await account.save(using_db=connection, update_fields=["totp_sealed", "totp_confirmed_at", "totp_step"])
        await record(connection, actor, "clear_second_factor", runtime.clock.now(), [str(account.id)])
        ended = await end_sessions(connection, account_id=account.id, reason="second_factor")
    runtime.hub.wake()
    return ended
