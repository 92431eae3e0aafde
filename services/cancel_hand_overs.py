"""Ending hand-overs that nobody can accept any more, because the case has come to its end meanwhile."""

from models.database import service_transaction
from services.runtime import Runtime

_BATCH = 200

# No one waits for another process that has the same one in its hands.
_DUE = """
SELECT t.id FROM transfer t JOIN illness_case c ON c.id = t.case_id
WHERE t.state = 'REQUESTED' AND t.kind = 'HAND_OVER' AND c.closed_at IS NOT NULL
ORDER BY t.id LIMIT $1 FOR UPDATE OF t SKIP LOCKED
"""
_CANCEL = """
WITH ended AS (
  UPDATE transfer SET state = 'CANCELLED', answered_at = $2, version = version + 1 WHERE id = ANY($1::uuid[])
  RETURNING case_id)
UPDATE case_grant g SET ended_at = $2 FROM ended
WHERE g.case_id = ended.case_id AND g.kind = 'RECEIVER' AND g.ended_at IS NULL
"""


async def cancel_hand_overs(runtime: Runtime) -> int:
    """Cancels them, and ends what the other ward's station was shown. Returns how many there were.

    It runs as the service, because nobody in particular does it.
    """
    cancelled = 0
    while True:
        async with service_transaction() as connection:
            _, rows = await connection.execute_query(_DUE, [_BATCH])
            if rows:
                await connection.execute_query(_CANCEL, [[row["id"] for row in rows], runtime.clock.now()])
        cancelled += len(rows)
        if len(rows) < _BATCH:
            return cancelled
