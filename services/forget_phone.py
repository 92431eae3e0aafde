"""Forgetting a phone of which nothing is left: its codes, its sessions, and what waits to be sent to it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from alerts.outbox import place
from services.end_sessions import bump_access
from services.runtime import Runtime

ERASED = "ERASED"
"""Why a message was dropped: nothing is left of whom it was for."""

_LEFT = """
SELECT phone_hash FROM submission WHERE phone_hash = ANY($1::text[])
UNION SELECT phone_hash FROM illness_case WHERE phone_hash = ANY($1::text[])
"""
_KNOWN = """
SELECT phone_hash FROM session WHERE phone_hash = ANY($1::text[])
UNION SELECT phone_hash FROM verification WHERE phone_hash = ANY($1::text[])
"""
_SESSIONS = "DELETE FROM session WHERE phone_hash = ANY($1::text[])"
_CODES = "DELETE FROM verification WHERE phone_hash = ANY($1::text[])"
_WAITING = "SELECT id, sealed FROM outbox_message WHERE state = 'QUEUED' AND kind <> 'ALERT'"
_DROP = """
UPDATE outbox_message SET state = 'DROPPED', reason = $2, settled_at = $3, sealed = ''
WHERE id = ANY($1::uuid[]) AND state = 'QUEUED'
"""


async def forget_phones(runtime: Runtime, connection: AsyncpgDBClient, phones: Collection[str], now: datetime) -> int:
    """Deletes what there is of those phones that no report names any more; how many sessions ended.

    `phones` are in E.164 form. A message on its way to a gateway goes out; one that waits is dropped. The caller wakes
    the hub after the commit where sessions have ended.
    """
    hashes = {found: phone for phone in phones for found in runtime.pseudonymiser.phones(phone)}
    waiting = await _waiting(runtime, connection, phones)
    known = {hashes[found] for found in await _found(connection, _KNOWN, hashes)} | set(waiting.values())
    if not known:
        # Of old cases nearly always: then no table is walked through for reports that are left.
        return 0
    gone = known - {hashes[found] for found in await _found(connection, _LEFT, hashes)}
    meant = [id for id, phone in waiting.items() if phone in gone]
    await connection.execute_query(_DROP, [meant, ERASED, now])
    stale = [found for found, phone in hashes.items() if phone in gone]
    await connection.execute_query(_CODES, [stale])
    ended, _ = await connection.execute_query(_SESSIONS, [stale])
    if ended:
        await bump_access(connection)
    return int(ended)


async def _found(connection: AsyncpgDBClient, statement: str, hashes: Collection[str]) -> set[str]:
    _, rows = await connection.execute_query(statement, [list(hashes)])
    return {row["phone_hash"] for row in rows}


async def _waiting(runtime: Runtime, connection: AsyncpgDBClient, phones: Collection[str]) -> dict[UUID, str]:
    # The queue names nobody, so each waiting message is opened; there are few of them, unless a gateway is away.
    _, rows = await connection.execute_query(_WAITING)
    found = {row["id"]: _recipient(runtime, row) for row in rows}
    return {id: phone for id, phone in found.items() if phone in phones}


def _recipient(runtime: Runtime, row: Any) -> str:
    try:
        return str(runtime.sealer.open(place(row["id"]), row["sealed"])["to"])
    except UnsealError:
        # Nobody can read whom it is for, so nobody can send it either.
        return ""
