"""Bringing the database to the shape that the code expects."""

import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api import migrate as run_migrations

from models.database import DatabaseUrls, tortoise_config
from models.locks import MIGRATION_LOCK

APPEND_ONLY = ("audit", "alert_event")
"""Tables whose rows nobody but the owner may change or remove."""


async def migrate(urls: DatabaseUrls, progress: Callable[[str], None] = lambda _: None) -> None:
    """Runs what migrations are missing, as the owner and under a lock, and grants the two other logins their part.

    Of several processes that start at once, one migrates while the others wait and then find nothing to do.
    Raises OSError or asyncpg.PostgresError where the database cannot be reached or refuses.
    """
    guard = await asyncpg.connect(plain(urls.owner))
    try:
        await guard.execute("SET lock_timeout = 0")
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        owner = tortoise_config(DatabaseUrls.one(urls.owner), pool=2, service_pool=1)
        await run_migrations(config=owner, progress=lambda event, app, name: progress(f"{event} {app}.{name}"))
        await Tortoise.close_connections()
        await _grant(guard, urls)
    finally:
        with contextlib.suppress(asyncpg.PostgresError, OSError):
            await guard.close()


def plain(url: str) -> str:
    """The URL in the form that asyncpg reads: its scheme is postgresql or postgres, nothing else differs."""
    return url.replace("asyncpg://", "postgresql://", 1)


async def _grant(connection: Any, urls: DatabaseUrls) -> None:
    owner = await connection.fetchval("SELECT current_user")
    logins = {urlsplit(url).username for url in (urls.application, urls.service)} - {owner, None}
    for login in sorted(str(login) for login in logins):
        name = '"' + login.replace('"', '""') + '"'
        await connection.execute(
            f"GRANT USAGE ON SCHEMA public TO {name};"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name};"
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name};"
        )
        for table in APPEND_ONLY:
            # A subtree that moves takes its rows' numbers along; nothing else of these rows ever changes.
            await connection.execute(
                f"REVOKE UPDATE, DELETE ON {table} FROM {name}; GRANT UPDATE (area_no) ON {table} TO {name}"
            )
        await connection.execute(f"REVOKE INSERT, UPDATE, DELETE ON tortoise_migrations FROM {name}")
