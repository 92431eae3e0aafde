"""Sealing the audit: each minute what was written since becomes links of the chain, in the order of sealing.

That order is neither that of the rows' identifiers nor that of commit: what commits late is sealed late. It is not on
the way of whoever writes, and several processes may try at once, for one of them seals and the others have nothing to
do.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.chain import Chain, Link, Record
from models.database import service_connection, service_transaction
from models.identifier import first_of, moment_of
from models.locks import AUDIT_CHAIN_LOCK
from services.runtime import Runtime
from services.sealed_records import COLUMNS, record_of

SEAL_SECONDS = 60.0
"""How often a serving process seals."""

LOOK_BACK = timedelta(minutes=10)
"""How far before the last sealing a row may have been made that appears only now: its transaction was long, or the
clock of its machine is behind. An older one was not there when its time was sealed: somebody has put it in."""

_BATCH = 1_000
_PIECE = 50

_NEWEST = "SELECT seq, hash, key, sealed_at FROM audit_link ORDER BY seq DESC LIMIT 1"
# Both sides are read in the order of one index from one place on: a walk over what is recent, whatever lies before.
_UNSEALED = f"""
SELECT {COLUMNS} FROM audit a WHERE a.id > $1 AND NOT EXISTS (
  SELECT FROM audit_link l WHERE l.audit_id = a.id AND l.audit_id > $1)
ORDER BY a.id LIMIT $2
"""
_LINK = """
INSERT INTO audit_link (seq, audit_id, hash, key, sealed_at)
SELECT u.seq, u.audit_id, u.hash, u.key, $5
FROM unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::text[]) AS u (seq, audit_id, hash, key)
"""
_NAME = """
INSERT INTO audit_subject (subject, audit_id)
SELECT u.subject, u.audit_id FROM unnest($1::uuid[], $2::uuid[]) AS u (subject, audit_id)
ORDER BY u.subject ON CONFLICT DO NOTHING
"""

logger = structlog.get_logger(__name__)


async def seal_trail(runtime: Runtime) -> int:
    """Links every row that has none yet; how many it was. 0 also where another process is sealing."""
    sealed = 0
    after: UUID | None = None
    while True:
        # A short transaction for each batch: nobody waits for the lock of numbering because much was written.
        async with service_transaction() as connection:
            if not await _alone(connection):
                return sealed
            now, head = await _now(connection), await newest_link(connection)
            after = after or open_since(head)
            _, rows = await connection.execute_query(_UNSEALED, [after, _BATCH])
            if rows:
                # A batch that is not the last seals up to its last row: after an end in between the rest is still open.
                until = now if len(rows) < _BATCH else moment_of(rows[-1]["id"])
                await _link(runtime, connection, head, rows, until)
        sealed += len(rows)
        if len(rows) < _BATCH:
            return sealed
        after = rows[-1]["id"]


async def tell_head(runtime: Runtime) -> None:
    """Puts the head of the chain into the log, where whoever rewrites the database does not reach it."""
    if head := await newest_link(service_connection()):
        logger.info("audit_head", seq=head.seq, hash=head.hash.hex(), key=head.key)


async def _alone(connection: AsyncpgDBClient) -> bool:
    _, [row] = await connection.execute_query(f"SELECT pg_try_advisory_xact_lock({AUDIT_CHAIN_LOCK}) AS alone", [])
    return bool(row["alone"])


async def _now(connection: AsyncpgDBClient) -> datetime:
    # The database's: the installation's clock may have been moved.
    _, [row] = await connection.execute_query("SELECT clock_timestamp() AS now", [])
    moment: datetime = row["now"]
    return moment


async def newest_link(connection: AsyncpgDBClient) -> Link | None:
    """The chain's head; None before the first sealing."""
    _, rows = await connection.execute_query(_NEWEST, [])
    return Link(**rows[0]) if rows else None


def open_since(head: Link | None) -> UUID:
    """The smallest identifier of a row that may appear after this link without having been put in."""
    return UUID(int=0) if head is None else first_of(head.sealed_at - LOOK_BACK)


async def _link(
    runtime: Runtime, connection: AsyncpgDBClient, head: Link | None, rows: Sequence[Any], until: datetime
) -> None:
    # What is sealed up to now never goes back, for older rows would be let in again.
    sealed_at = max(until, head.sealed_at) if head else until
    records: list[Record] = []
    links: list[Link] = []
    for start in range(0, len(rows), _PIECE):
        some = [record_of(row, runtime.sealer) for row in rows[start : start + _PIECE]]
        links += Chain(runtime.sealer.ring).add(links[-1] if links else head, some, sealed_at)
        records += some
        # A storm's minute is sealed in the storm: nobody who is served meanwhile waits for all of it.
        await asyncio.sleep(0)
    await connection.execute_query(
        _LINK,
        [
            [link.seq for link in links],
            [record.id for record in records],
            [link.hash for link in links],
            [link.key for link in links],
            sealed_at,
        ],
    )
    named = [(subject, record.id) for record in records for subject in _subjects(record.objects)]
    await connection.execute_query(_NAME, [[subject for subject, _ in named], [id for _, id in named]])


def _subjects(objects: object) -> set[UUID]:
    found: set[UUID] = set()
    # Whatever somebody has put there, sealing goes on.
    for text in objects if isinstance(objects, list) else ():
        try:
            found.add(UUID(text))
        except (ValueError, AttributeError, TypeError):
            continue  # An area or a protocol is named by its code, and nobody's trail is looked up by it.
    return found
