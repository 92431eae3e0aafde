"""Removing what only shows who once signed in: old sessions with their refresh tokens, and codes of the past."""

from datetime import timedelta

from models.database import service_connection
from services.runtime import Runtime

SESSION_DAYS = 30
_CODES = timedelta(days=1)
_AT_ONCE = 5_000

# A few at a time and past what others hold, because every process does it. Refresh tokens go with their session.
_SESSIONS = f"""
DELETE FROM session WHERE id IN (
  SELECT id FROM session WHERE coalesce(ended_at, expires_at) < clock_timestamp() - interval '{SESSION_DAYS} days'
  LIMIT {_AT_ONCE} FOR UPDATE SKIP LOCKED)
"""
# By the installation's clock, as they were made: what lies far ahead is of a clock that was moved back since.
_VERIFICATIONS = f"""
DELETE FROM verification WHERE id IN (
  SELECT id FROM verification WHERE created_at < $1 OR created_at > $2 LIMIT {_AT_ONCE} FOR UPDATE SKIP LOCKED)
"""


async def clean_sessions(runtime: Runtime) -> int:
    """Removes sessions that are over for a month and codes of more than a day ago; how many rows were removed.

    To be called every few minutes by each process. The audit keeps who signed in and when.
    """
    connection, now = service_connection(), runtime.clock.now()
    sessions, _ = await connection.execute_query(_SESSIONS)
    codes, _ = await connection.execute_query(_VERIFICATIONS, [now - _CODES, now + _CODES])
    return int(sessions) + int(codes)
