"""New tokens for a session that goes on; a refresh token serves once."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.refresh_tokens import refresh_token_hash
from access.trail import record
from models.account import Session
from models.database import service_transaction
from services.end_sessions import end_sessions
from services.limit_rules import Rule
from services.open_session import OpenedSession, hand_out
from services.problem import InvalidCredentials
from services.runtime import Runtime

_LONGEST = 200

# Both rows are locked: of two who show one token at once, the second must find it used, and not what its snapshot had.
_FIND = """
SELECT r.id, r.session_id, r.used_at, s.account_id, s.ended_at IS NULL AND s.expires_at > clock_timestamp()
  AND (s.account_id IS NULL OR EXISTS (SELECT FROM account a WHERE a.id = s.account_id AND a.disabled_at IS NULL))
  AS stands
FROM refresh_token r JOIN session s ON s.id = r.session_id
WHERE r.token_hash = $1 FOR UPDATE OF r, s
"""
_USE = "UPDATE refresh_token SET used_at = clock_timestamp() WHERE id = $1"


async def refresh_session(runtime: Runtime, actor: Actor, refresh_token: str) -> OpenedSession:
    """New tokens in the place of the one shown, as long as the session lasts; its end stays where it was.

    A token that was used before is in two hands, and nobody can say which of them is the owner's: so it ends the
    session. Raises InvalidCredentials, also where the session has ended or its account was disabled; TooManyRequests.
    """
    await runtime.limits.hit(Rule.REFRESH_BY_ADDRESS, actor.origin)
    if not refresh_token.isascii() or len(refresh_token) > _LONGEST:
        raise InvalidCredentials("SESSION_OVER")
    # For whoever holds the token: sessions are out of the application's reach.
    async with service_transaction() as connection:
        _, rows = await connection.execute_query(_FIND, [refresh_token_hash(refresh_token)])
        found = rows[0] if rows else None
        opened = None
        if found is not None and found["used_at"] is not None:
            await _end_family(runtime, connection, actor, found)
        elif found is not None and found["stands"]:
            opened = await _exchange(runtime, connection, found["id"], found["session_id"])
    # Outside, for a refusal that rolls back would let the family live.
    if opened is None:
        if found is not None:
            runtime.hub.wake()
        raise InvalidCredentials("SESSION_OVER")
    return replace(opened, actor=replace(opened.actor, origin=actor.origin, request_id=actor.request_id))


async def _exchange(runtime: Runtime, connection: AsyncpgDBClient, token: UUID, session: UUID) -> OpenedSession:
    await connection.execute_query(_USE, [token])
    return await hand_out(runtime, connection, await Session.get(id=session, using_db=connection))


async def _end_family(runtime: Runtime, connection: AsyncpgDBClient, actor: Actor, found: Any) -> None:
    if not found["stands"]:
        return
    known = [str(id) for id in (found["session_id"], found["account_id"]) if id is not None]
    await record(connection, actor, "refresh_token_reused", runtime.clock.now(), known)
    await end_sessions(connection, session_id=found["session_id"], reason="refresh_token_reused")
