"""Telling the other processes, and the committees, which stations have a live socket here."""

from collections.abc import Mapping
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

SEEN_WITHIN_SECONDS = 15
"""A row older than this is of a process that died, and counts as not connected."""

# The database's own clock and one statement: presence is about real seconds, also where a demo has moved the clock.
_REPORT = """
WITH gone AS (DELETE FROM presence WHERE process = $1 AND NOT station_id = ANY($2::text[])
    OR seen_at < now() - interval '1 hour')
INSERT INTO presence (id, process, station_id, sockets, seen_at)
SELECT $1::text || ':' || s.station_id, $1, s.station_id, s.sockets, now()
FROM unnest($2::text[], $3::int[]) AS s (station_id, sockets)
ON CONFLICT (id) DO UPDATE SET sockets = excluded.sockets, seen_at = excluded.seen_at
"""


async def report(connection: AsyncpgDBClient, process: UUID, stations: Mapping[str, int]) -> None:
    """Writes how many sockets of each station this process has now."""
    await connection.execute_query(_REPORT, [process, list(stations), list(stations.values())])


async def leave(connection: AsyncpgDBClient, process: UUID) -> None:
    """Removes what this process has said: it is ending."""
    await connection.execute_query("DELETE FROM presence WHERE process = $1", [process])
