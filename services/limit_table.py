"""Counters in a table of the database, for several processes without Redis."""

from typing import Any

import asyncpg
from limits.aio.storage import Storage
from tortoise.exceptions import BaseORMException

from models.database import service_connection

# One statement a try: the row's own lock lets two who try at once each see the other. The table is unlogged, so a
# commit waits for no disk. The database's clock, for the processes' own may disagree.
_HIT = """
WITH hit AS (
INSERT INTO rate_limit AS r (key, hits, expires_at) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second')
ON CONFLICT (key) DO UPDATE SET
  hits = CASE WHEN r.expires_at <= clock_timestamp() THEN excluded.hits ELSE r.hits + excluded.hits END,
  expires_at = CASE WHEN r.expires_at <= clock_timestamp() THEN excluded.expires_at ELSE r.expires_at END
RETURNING hits)
SELECT hits FROM hit
"""
_LOOK = """
SELECT hits, extract(epoch FROM expires_at)::float8 AS until FROM rate_limit
WHERE key = $1 AND expires_at > clock_timestamp()
"""
_SWEEP = "DELETE FROM rate_limit WHERE expires_at <= clock_timestamp()"


class TableCounters(Storage):
    """The table `rate_limit`, through the service's login: the application's has no rights on it."""

    def __init__(self) -> None:
        """Opens nothing."""
        super().__init__(wrap_exceptions=True)

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What a database that is away or busy raises."""
        return (
            OSError,
            BaseORMException,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        )

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Counts, in a new window where there is none."""
        _, rows = await service_connection().execute_query(_HIT, [key, amount, expiry])
        return int(rows[0]["hits"])

    async def get(self, key: str) -> int:
        """The count; 0 where no window is open."""
        row = await self._row(key)
        return int(row["hits"]) if row else 0

    async def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since the epoch; 0 where none is open."""
        row = await self._row(key)
        return float(row["until"]) if row else 0.0

    async def check(self) -> bool:
        """Whether the database answers."""
        await service_connection().execute_query("SELECT 1")
        return True

    async def reset(self) -> int | None:
        """Forgets everything."""
        count, _ = await service_connection().execute_query("DELETE FROM rate_limit")
        return int(count)

    async def clear(self, key: str) -> None:
        """Forgets one key."""
        await service_connection().execute_query("DELETE FROM rate_limit WHERE key = $1", [key])

    async def sweep(self) -> int:
        """Deletes the windows that are over; how many they were."""
        count, _ = await service_connection().execute_query(_SWEEP)
        return int(count)

    async def close(self) -> None:
        """The connections are the pool's."""

    async def _row(self, key: str) -> Any:
        _, rows = await service_connection().execute_query(_LOOK, [key])
        return rows[0] if rows else None
