"""A standby of the database that answers what may be a moment old: never older than a bound, never without one's own
writes."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
import structlog
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.exceptions import DBConnectionError

from models.database import application_connection

# A position in the write-ahead log in bytes. What was inserted and not what was flushed: a server may be set
# to acknowledge a commit before its flush.
WRITTEN = "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"

# Before the snapshot is taken, so that the snapshot can only be newer. NULL where the server is no standby at all.
_REPLAYED = """
SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END AS position,
  (SELECT coalesce(max(access_version), 0) FROM installation) AS access_version
"""

_OPEN_SECONDS = 0.5
_REST_SECONDS = 1.0
_LOOKS = 8
"""How often within the bound the primary is asked how far it has written."""

_AWAY = (OSError, TimeoutError, DBConnectionError, asyncpg.PostgresError, asyncpg.InterfaceError)

Snapshot = Callable[[Callable[[Any], Awaitable[None]]], AbstractAsyncContextManager[TransactionWrapper]]

logger = structlog.get_logger(__name__)


class _NotFresh(Exception):
    """The standby has not replayed what this reader has to see."""


class Replica:
    """How far the primary had written, and when; and whether the standby is as far as a reader needs it.

    The clocks of the two servers are not compared, and nothing is inferred from a quiet log: a standby that has
    replayed what the primary had written at a moment is as old as that moment. It is asked anew for each snapshot, so
    that it may be another standby each time.
    """

    def __init__(self, staleness: float) -> None:
        """`staleness` is the bound, in seconds."""
        self.reads = 0
        self.fallbacks = 0
        self.look_seconds = staleness / _LOOKS
        self._staleness = staleness
        self._written: deque[tuple[float, int]] = deque()
        self._rests_until = 0.0

    async def look(self) -> None:
        """Notes how far the primary has written; without it for a while, everybody reads from the primary.

        Raises what the database raises where it cannot be reached.
        """
        # Before the question: what the answer covers was written by then.
        at = time.monotonic()
        _, rows = await application_connection().execute_query(f"SELECT {WRITTEN} AS position")
        self._written.append((at, int(rows[0]["position"])))
        while self._written[0][0] < at - self._staleness:
            self._written.popleft()

    async def open(
        self, snapshot: Snapshot, wrote: int, access_version: int
    ) -> tuple[AbstractAsyncContextManager[TransactionWrapper], TransactionWrapper] | None:
        """The snapshot of the standby, entered; None where the primary is to be read.

        `snapshot` makes one that begins with a look at its connection. The standby must have replayed `wrote`, the
        reader's own last write, and the `access_version` as of which the reader's bounds are: under numbers of areas
        that have moved since, older rows would be somebody else's.
        """
        if time.monotonic() < self._rests_until or not self._since_when(self._newest()):
            self.fallbacks += 1
            return None

        async def check(connection: Any) -> None:
            found = await connection.fetchrow(_REPLAYED)
            replayed = found["position"]
            if replayed is None or replayed < wrote or found["access_version"] < access_version:
                raise _NotFresh
            if not self._since_when(replayed):
                raise _NotFresh

        opening = snapshot(check)
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                connection = await opening.__aenter__()
        except _NotFresh:
            self.fallbacks += 1
            return None
        except _AWAY as error:
            # For a while nobody else has to find out.
            self._rests_until = time.monotonic() + _REST_SECONDS
            self.fallbacks += 1
            logger.warning("replica_away", error=type(error).__name__)
            return None
        self.reads += 1
        return opening, connection

    def _newest(self) -> int:
        return self._written[-1][1] if self._written else -1

    def _since_when(self, replayed: int) -> bool:
        """Whether somebody who has replayed so much is no older than the bound."""
        oldest = time.monotonic() - self._staleness
        return any(at >= oldest and position <= replayed for at, position in self._written)
