"""Taking a code of the second factor: it counts for a minute and a half, and serves once."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.second_factor import place, step_of
from models.account import Account
from services.runtime import Runtime


async def take_code(runtime: Runtime, connection: AsyncpgDBClient, account: Account, code: str) -> bool:
    """Whether this is a code that the account's app shows now and that was not used; from now on it is.

    The account is locked by the caller's transaction: of two who send the same code, one comes too late.
    """
    if account.totp_sealed is None:
        return False
    secret = str(runtime.sealer.open(place(account.id), account.totp_sealed)["secret"])
    # Real time: the app on a phone does not follow a demo whose clock was moved.
    _, rows = await connection.execute_query("SELECT extract(epoch FROM clock_timestamp())::float8 AS seconds")
    step = step_of(secret, code, rows[0]["seconds"])
    if step is None or (account.totp_step is not None and step <= account.totp_step):
        return False
    account.totp_step = step
    await account.save(using_db=connection, update_fields=["totp_step"])
    return True
