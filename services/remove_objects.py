"""Taking photos and certificates out of the store that nobody may read any more, after the commit that said so.

A row whose object's key is gone says that its object is to be removed: the key goes with the commit, and with it all
that could ever be read; the bytes go here. So a process that dies in between, or a store that is away, leaves nothing
behind for good. A photo that nobody has named within a day goes the same way.
"""

from datetime import timedelta
from typing import Any

import structlog

from models.database import service_connection, service_transaction
from services.runtime import Runtime
from services.stored_object import remove
from storage.object_store import StoreUnavailable

KEPT_UNNAMED = timedelta(days=1)
"""How long an uploaded photo waits for a declaration that names it: a form may be left open overnight."""

_BATCH = 200

_UNNAMED = """
UPDATE evidence SET removed_at = $1, data_key = NULL, digest = NULL, owner = NULL
WHERE id IN (SELECT id FROM evidence WHERE case_id IS NULL AND created_at < $2 AND removed_at IS NULL
  ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED)
"""
_KEYLESS = """
SELECT 'evidence' AS table, id, object_key FROM evidence WHERE object_key IS NOT NULL AND data_key IS NULL
UNION ALL
SELECT 'certificate', id, object_key FROM certificate WHERE object_key IS NOT NULL AND data_key IS NULL
LIMIT $1
"""
_FORGOTTEN = {
    # A photo that was nobody's leaves nothing to be known of it.
    "evidence": (
        "DELETE FROM evidence WHERE id = ANY($1::uuid[]) AND case_id IS NULL AND data_key IS NULL",
        "UPDATE evidence SET object_key = NULL WHERE id = ANY($1::uuid[]) AND data_key IS NULL",
    ),
    "certificate": ("UPDATE certificate SET object_key = NULL WHERE id = ANY($1::uuid[]) AND data_key IS NULL",),
}

logger = structlog.get_logger(__name__)


async def remove_objects(runtime: Runtime) -> int:
    """Removes all that is due; how many objects. Two that do this at once do no harm.

    For nobody in particular, so with the service's login. A store that is away is asked again at the next look.
    """
    await _give_up_unnamed(runtime)
    removed = 0
    while found := await _keyless():
        gone: list[Any] = []
        try:
            for row in found:
                # Outside of any transaction: a store may take half a minute.
                await remove(runtime, row["object_key"])
                gone.append(row)
        except StoreUnavailable as error:
            logger.warning("objects_wait_to_be_removed", error=str(error))
        await _forget(gone)
        removed += len(gone)
        if len(gone) < _BATCH:
            break
    return removed


async def _give_up_unnamed(runtime: Runtime) -> None:
    now = runtime.clock.now()
    while True:
        async with service_transaction() as connection:
            given_up, _ = await connection.execute_query(_UNNAMED, [now, now - KEPT_UNNAMED, _BATCH])
        if given_up < _BATCH:
            return


async def _keyless() -> list[Any]:
    _, rows = await service_connection().execute_query(_KEYLESS, [_BATCH])
    return list(rows)


async def _forget(gone: list[Any]) -> None:
    if not gone:
        return
    async with service_transaction() as connection:
        for table, statements in _FORGOTTEN.items():
            ids = [row["id"] for row in gone if row["table"] == table]
            for statement in statements if ids else ():
                await connection.execute_query(statement, [ids])
