"""From a bearer token to an actor, asked anew for every operation: who was disabled is out at once."""

from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.tokens import token_hash
from models.state import Role

# One statement, because it runs before every operation of staff: session, account and the area's present range. The
# database's own time, because a session lasts real hours, also where a demo has moved the clock.
_SESSION = """
SELECT s.id, s.phone_hash, s.expires_at, a.id AS account_id, a.role, a.area_id, a.station_id, a.display_name, r.lo, r.hi
FROM session s
LEFT JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL
LEFT JOIN area r ON r.id = a.area_id
WHERE s.{column} AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
"""


class Unauthenticated(Exception):
    """The token is unknown, expired, or of an account that was disabled."""


async def authenticate(token: str, connection: AsyncpgDBClient) -> Actor:
    """The actor whose token this is. Raises Unauthenticated."""
    statement = _SESSION.format(column="token_hash = $1")
    _, rows = await connection.execute_query(statement, [token_hash(token)])
    actor = _actor(rows[0]) if rows else None
    if actor is None:
        raise Unauthenticated
    return actor


async def standing(sessions: list[UUID], connection: AsyncpgDBClient) -> dict[UUID, Actor]:
    """The actors of these sessions as they stand now; a session that has ended is not in the answer."""
    if not sessions:
        return {}
    _, rows = await connection.execute_query(_SESSION.format(column="id = ANY($1::uuid[])"), [sessions])
    actors = [_actor(row) for row in rows]
    return {actor.session_id: actor for actor in actors if actor and actor.session_id}


def _actor(row: Any) -> Actor | None:
    if row["phone_hash"] is not None:
        return Actor("RESIDENT", session_id=row["id"], phone_hash=row["phone_hash"])
    if row["account_id"] is None or row["lo"] is None:
        return None
    return Actor(
        "ACCOUNT",
        account_id=row["account_id"],
        session_id=row["id"],
        role=Role(row["role"]),
        area_id=row["area_id"],
        station_id=row["station_id"],
        jurisdiction=Jurisdiction(row["lo"], row["hi"]),
        display_name=row["display_name"],
    )
