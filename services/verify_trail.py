"""Checking the audit's chain: the first record that was changed, removed or slipped in."""

import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.chain import GENESIS, Chain, Link, UnknownKey
from models.database import service_connection
from models.identifier import moment_of
from services.runtime import Runtime
from services.seal_trail import newest_link, open_since
from services.sealed_records import COLUMNS, record_of

_BATCH = 4_000

_LINKS = f"""
SELECT l.seq, l.hash, l.key, l.audit_id, l.sealed_at, {COLUMNS}
FROM audit_link l LEFT JOIN audit a ON a.id = l.audit_id
WHERE l.seq > $1 AND l.seq <= $2 ORDER BY l.seq LIMIT $3
"""
_SLIPPED_IN = """
SELECT a.id FROM audit a WHERE a.id < $1 AND NOT EXISTS (SELECT FROM audit_link l WHERE l.audit_id = a.id)
ORDER BY a.id LIMIT 1
"""
_WAITING = """
SELECT count(*) AS rows FROM audit a WHERE a.id >= $1
AND NOT EXISTS (SELECT FROM audit_link l WHERE l.audit_id = a.id AND l.audit_id >= $1)
"""


class What(StrEnum):
    """What is wrong with the chain."""

    CHANGED = "CHANGED"
    REMOVED = "REMOVED"
    SLIPPED_IN = "SLIPPED_IN"
    LINK_REMOVED = "LINK_REMOVED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    NOT_AS_NOTED = "NOT_AS_NOTED"


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first thing that is wrong: in which link, and with which record, made when."""

    what: What
    seq: int | None
    audit_id: UUID | None
    made_at: datetime | None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A head that was noted elsewhere: "SEQ:HASH"."""

    seq: int
    hash: bytes

    @classmethod
    def read(cls, text: str) -> "Noted":
        """Raises ValueError for what is no noted head."""
        number, _, found = text.strip().partition(":")
        try:
            noted = cls(int(number), binascii.unhexlify(found))
        except (binascii.Error, ValueError) as error:
            raise ValueError("a noted head is SEQ:HASH, as this command prints it") from error
        if noted.seq < 1 or len(noted.hash) != len(GENESIS):
            raise ValueError("a noted head is SEQ:HASH, as this command prints it")
        return noted


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. `waiting` rows are not sealed yet."""

    checked: int
    wrong: Wrong | None
    head: Link | None
    waiting: int


async def verify_trail(
    runtime: Runtime, noted: Noted | None = None, progress: Callable[[int, int], None] = lambda done, total: None
) -> Verified:
    """Walks the whole chain up to its present end and stops at the first link that does not hold.

    `progress` is told how many of how many links were checked. It reads every row of the audit, of all areas, for it
    shows none of them: hence the service's login.
    """
    connection = service_connection()
    end = await newest_link(connection)
    if end is None:
        return await _nothing_sealed(connection, noted)
    walk = _Walk(runtime, noted)
    while walk.wrong is None and walk.seq < end.seq:
        _, rows = await connection.execute_query(_LINKS, [walk.seq, end.seq, _BATCH])
        walk.take(rows)
        progress(walk.seq, end.seq)
    since = open_since(end)
    wrong = walk.wrong or _short(noted, end) or await _slipped_in(connection, since)
    _, [waiting] = await connection.execute_query(_WAITING, [since])
    return Verified(walk.seq, wrong, end, waiting["rows"])


class _Walk:
    """Where checking has come to."""

    def __init__(self, runtime: Runtime, noted: Noted | None) -> None:
        self._sealer, self._chain, self._noted = runtime.sealer, Chain(runtime.sealer.ring), noted
        self.seq = 0
        self.wrong: Wrong | None = None
        self._previous = GENESIS

    def take(self, rows: Sequence[Any]) -> None:
        """Checks these links, up to the first that does not hold."""
        for row in rows:
            self.wrong = self._fault(row)
            if self.wrong:
                return
            self.seq, self._previous = row["seq"], row["hash"]

    def _fault(self, row: Any) -> Wrong | None:
        if row["seq"] != self.seq + 1:
            return Wrong(What.LINK_REMOVED, self.seq + 1, None, None)
        id: UUID = row["audit_id"]
        if row["id"] is None:
            return Wrong(What.REMOVED, row["seq"], id, moment_of(id))
        link = Link(row["seq"], row["hash"], row["key"], row["sealed_at"])
        try:
            holds = self._chain.holds(self._previous, link, record_of(row, self._sealer))
        except UnknownKey:
            return Wrong(What.UNKNOWN_KEY, link.seq, id, moment_of(id), link.key)
        if not holds:
            return Wrong(What.CHANGED, link.seq, id, moment_of(id))
        if self._noted and self._noted.seq == link.seq and self._noted.hash != link.hash:
            # Every link holds, and yet another one stood here: made by somebody who has the key.
            return Wrong(What.NOT_AS_NOTED, link.seq, id, moment_of(id))
        return None


def _short(noted: Noted | None, end: Link | None) -> Wrong | None:
    """A chain that ends before the noted head was cut off."""
    if noted is None or (end and end.seq >= noted.seq):
        return None
    return Wrong(What.LINK_REMOVED, (end.seq if end else 0) + 1, None, None)


async def _slipped_in(connection: AsyncpgDBClient, since: UUID) -> Wrong | None:
    _, rows = await connection.execute_query(_SLIPPED_IN, [since])
    return Wrong(What.SLIPPED_IN, None, rows[0]["id"], moment_of(rows[0]["id"])) if rows else None


async def _nothing_sealed(connection: AsyncpgDBClient, noted: Noted | None) -> Verified:
    _, [waiting] = await connection.execute_query(_WAITING, [UUID(int=0)])
    return Verified(0, _short(noted, None), None, waiting["rows"])
