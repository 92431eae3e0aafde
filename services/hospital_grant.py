"""Opening a case to the hospital that is asked to take it, and closing it again.

Raw, and as the service: who opens a case to somebody else does not see what was opened to them.
"""

from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.case import Case
from models.identifier import uuid7
from models.state import GrantKind

# One row a hospital and case: who is asked once more is given the same row anew.
_OPEN = """
INSERT INTO case_grant AS g (id, case_id, grantee, kind, granted_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (grantee, case_id, (coalesce(declaration_id, case_id)))
DO UPDATE SET kind = excluded.kind, granted_at = excluded.granted_at, ended_at = NULL
"""
_CLOSE = """
UPDATE case_grant SET ended_at = $3 WHERE case_id = $1 AND grantee = $2 AND kind = 'HOSPITAL' AND ended_at IS NULL
"""


async def open_to_hospital(connection: AsyncpgDBClient, case: Case, hospital_id: str, now: datetime) -> None:
    """The hospital's accounts see the case, and do with it what a hospital does, until `close_to_hospital`."""
    values = [uuid7(), case.id, grantee(hospital_id), GrantKind.HOSPITAL.value, now]
    await connection.execute_query(_OPEN, values)


async def close_to_hospital(connection: AsyncpgDBClient, case: Case, hospital_id: str, now: datetime) -> None:
    """The hospital sees nothing of the case any more. The caller calls `bump_access` last, and wakes the hub."""
    await connection.execute_query(_CLOSE, [case.id, grantee(hospital_id), now])


def grantee(station_id: str) -> str:
    """The name under which a case is granted to a station."""
    return f"station:{station_id}"
