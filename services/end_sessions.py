"""Ending sessions, and telling every process that somebody may see less than before."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

# The database's own time: a session is about real hours.
_END = """
UPDATE session SET ended_at = clock_timestamp(), end_reason = $1
WHERE ended_at IS NULL AND {column} = $2
"""


async def end_sessions(
    connection: AsyncpgDBClient,
    *,
    account_id: UUID | None = None,
    session_id: UUID | None = None,
    phone_hash: str | None = None,
    reason: str,
) -> int:
    """Ends the sessions of an account, a phone, or one alone, in the caller's transaction; how many were open.

    `reason` is a word such as "sign_out". After the commit call `runtime.hub.wake()`: what they have subscribed to then
    ends at once, and in any case hears no event that was committed later.
    """
    given = {"account_id": account_id, "id": session_id, "phone_hash": phone_hash}
    (column, value) = next((column, value) for column, value in given.items() if value is not None)
    ended, _ = await connection.execute_query(_END.format(column=column), [reason, value])
    if ended:
        await bump_access(connection)
    return int(ended)


async def bump_access(connection: AsyncpgDBClient) -> None:
    """To be called in the transaction that takes something away: a session, a role, an area, or an area's numbers.

    Last of all, for it holds one row that everybody needs who does the same.
    """
    await connection.execute_query("UPDATE installation SET access_version = access_version + 1")
