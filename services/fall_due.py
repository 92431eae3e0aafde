"""Falling due: on the protocol's day an isolation may be at its end, and the station is to look at it."""

from access.actor import SYSTEM
from models.case import Case
from models.database import service_transaction
from models.state import CaseEventKind
from services.change_case import advance, note, save_case
from services.runtime import Runtime

_BATCH = 200

# No one waits for another process that has the same case in its hands.
_DUE = """
SELECT id FROM illness_case WHERE state IN ('CONFIRMED', 'HOME_ISOLATION') AND release_on <= $1
ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def fall_due(runtime: Runtime) -> int:
    """Moves every isolation on whose day has come. Returns how many there were.

    It runs as the service, because nobody in particular does it.
    """
    moved = 0
    while True:
        found = await _batch(runtime)
        moved += found
        if found < _BATCH:
            return moved


async def _batch(runtime: Runtime) -> int:
    now = runtime.clock.now()
    async with service_transaction() as connection:
        _, rows = await connection.execute_query(_DUE, [runtime.clock.day(now), _BATCH])
        cases = await Case.filter(id__in=[row["id"] for row in rows]).order_by("id").using_db(connection)
        for case in cases:
            advance(case, "FALL_DUE", now)
            await save_case(connection, case)
            await note(connection, runtime.sealer, SYSTEM, case, CaseEventKind.RELEASE_DUE, now)
    return len(cases)
