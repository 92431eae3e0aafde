"""Opening a session, in the transaction of whatever has proven who it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.authenticate import Unauthenticated, standing
from access.refresh_tokens import new_refresh_token, refresh_token_hash
from access.tokens import RESIDENT
from models.account import RefreshToken, Session
from models.state import Restriction
from services.runtime import Runtime

STAFF_HOURS = 12
RESIDENT_HOURS = 24


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session and its tokens, shown this once; `actor` is whom it belongs to. Times are real ones."""

    token: str
    expires_at: datetime
    refresh_token: str
    session_expires_at: datetime
    session_id: UUID
    actor: Actor


async def open_session(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    *,
    account_id: UUID | None = None,
    phone_hash: str | None = None,
    restriction: Restriction | None = None,
    origin: str | None = None,
) -> OpenedSession:
    """A session of an account or of a phone. It lasts real hours: a demo whose clock is moved signs nobody out.

    Raises Unauthenticated for an account that was disabled meanwhile.
    """
    _, rows = await connection.execute_query("SELECT clock_timestamp() AS at")
    session = await Session.create(
        using_db=connection,
        account_id=account_id,
        phone_hash=phone_hash,
        restriction=restriction,
        origin=origin,
        created_at=rows[0]["at"],
        expires_at=rows[0]["at"] + timedelta(hours=STAFF_HOURS if account_id else RESIDENT_HOURS),
    )
    return await hand_out(runtime, connection, session)


async def hand_out(runtime: Runtime, connection: AsyncpgDBClient, session: Session) -> OpenedSession:
    """New tokens of a session that stands. Raises Unauthenticated where it does not."""
    actor = (await standing([session.id], connection)).get(session.id)
    if actor is None:
        raise Unauthenticated
    refresh = new_refresh_token()
    _, rows = await connection.execute_query("SELECT clock_timestamp() AS at")
    await RefreshToken.create(
        using_db=connection,
        session_id=session.id,
        token_hash=refresh_token_hash(refresh),
        created_at=rows[0]["at"],
    )
    subject = str(session.account_id) if session.account_id else RESIDENT
    access = runtime.tokens.issue(session.id, subject, until=session.expires_at)
    return OpenedSession(access.token, access.expires_at, refresh, session.expires_at, session.id, actor)
