"""A database for each peer: a copy of the one that the program serves, with the same past in it."""

import asyncpg

from bench.demo_server import DemoServer
from bench.peers.rows import SEVERE

_SERVED = "khaibao_demo"

# Nobody may be connected to what is copied, and the program, which connects again by itself, is kept out meanwhile.
_CLOSE = f"ALTER DATABASE {_SERVED} ALLOW_CONNECTIONS false"
_OPEN = f"ALTER DATABASE {_SERVED} ALLOW_CONNECTIONS true"
_END = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{_SERVED}'"

# Old alerts that nobody takes go on climbing, and whoever reads leaves a line as well: neither is of a declaration.
_OF_DECLARING = {"audit": "WHERE action = 'declare'", "alert_event": "WHERE change = 'RAISED'"}

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""


def database_of(name: str) -> str:
    """What a peer's database is called."""
    return f"bench_{name}"


async def copy_for(server: DemoServer, names: list[str]) -> None:
    """Makes them; what the program had open is cut."""
    connection = await server.connect("postgres", "postgres")
    try:
        await connection.execute(_CLOSE)
        try:
            await connection.execute(_END)
            for name in names:
                await connection.execute(f"CREATE DATABASE {database_of(name)} TEMPLATE {_SERVED}")
        finally:
            await connection.execute(_OPEN)
    finally:
        await connection.close()


async def rows_in(server: DemoServer, name: str | None) -> dict[str, tuple[int, int]]:
    """Of each table of a peer's database (None: of the program's) how many rows it has, and their bytes."""
    connection = await server.connect(_SERVED if name is None else database_of(name))
    try:
        found = {row["relname"]: await _counted(connection, row["relname"]) for row in await connection.fetch(_TABLES)}
        found[SEVERE] = await connection.fetchval("SELECT count(*) FROM declaration WHERE severe"), 0
        return found
    finally:
        await connection.close()


async def _counted(connection: "asyncpg.Connection[asyncpg.Record]", table: str) -> tuple[int, int]:
    # A counter's row is written over and over: what was done to it is in its version.
    if table == "area_count":
        count = await connection.fetchval("SELECT coalesce(sum(version), 0)::int8 FROM area_count")
        return count, 0
    only = _OF_DECLARING.get(table, "")
    row = await connection.fetchrow(f"SELECT count(*), coalesce(sum(pg_column_size(t.*)), 0) FROM {table} t {only}")
    return row[0], row[1]
