"""The names of all objects that rows of a database still open, for whoever copies a store beside its database."""

import asyncpg

from models.migrate import plain

TABLES = ("evidence", "certificate")
"""Tables whose rows keep an object: its name, and its sealed key as long as somebody may read it."""


async def object_names(url: str) -> list[str]:
    """In order; none of a database that is older than these tables. `url` is a login that sees every row."""
    connection = await asyncpg.connect(plain(url))
    try:
        found: list[str] = []
        for table in TABLES:
            if await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table):
                rows = await connection.fetch(
                    f"SELECT object_key FROM {table} WHERE object_key IS NOT NULL AND data_key IS NOT NULL"
                )
                found += [row["object_key"] for row in rows]
        return sorted(found)
    finally:
        await connection.close()
