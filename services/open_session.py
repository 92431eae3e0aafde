"""Opening a session, in the transaction of whatever has proven who it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.tokens import new_token, token_hash
from models.account import Session


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A token, shown this once, and when it ends by itself."""

    token: str
    expires_at: datetime


async def open_session(
    connection: AsyncpgDBClient, hours: float, *, account_id: UUID | None = None, phone_hash: str | None = None
) -> OpenedSession:
    """A session of an account or of a phone. It lasts real hours: a demo whose clock is moved signs nobody out."""
    _, rows = await connection.execute_query("SELECT clock_timestamp() AS at")
    token, expires_at = new_token(), rows[0]["at"] + timedelta(hours=hours)
    await Session.create(
        using_db=connection,
        account_id=account_id,
        phone_hash=phone_hash,
        token_hash=token_hash(token),
        created_at=rows[0]["at"],
        expires_at=expires_at,
    )
    return OpenedSession(token, expires_at)
