"""Bringing the database to the shape that the code expects."""

import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.migrations.api import migrate as run_migrations

from models.database import DatabaseUrls, tortoise_config
from models.fresh_schema import lay_down, migration_names
from models.locks import MIGRATION_LOCK
from models.row_security import secure


async def migrate(urls: DatabaseUrls, progress: Callable[[str], None] = lambda _: None) -> None:
    """Runs what migrations are missing, as the owner and under a lock, and grants the two other logins their part.

    Of several processes that start at once, one migrates while the others wait and then find nothing to do.
    Raises OSError or asyncpg.PostgresError where the database cannot be reached or refuses.
    """
    guard = await asyncpg.connect(plain(urls.owner))
    try:
        await guard.execute("SET lock_timeout = 0")
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        for name in await lay_down(guard):
            progress(f"apply_done models.{name}")
        owner = tortoise_config(DatabaseUrls.one(urls.owner), pool=2, service_pool=1)
        await run_migrations(config=owner, progress=lambda event, app, name: progress(f"{event} {app}.{name}"))
        await Tortoise.close_connections()
        owner_login = str(await guard.fetchval("SELECT current_user"))
        await secure(guard, *(_login(url) or owner_login for url in (urls.application, urls.service)))
    finally:
        with contextlib.suppress(asyncpg.PostgresError, OSError):
            await guard.close()


async def missing_migrations(connection: AsyncpgDBClient) -> list[str]:
    """The migrations of this version that the database has not; one that is newer than the program lacks none."""
    _, rows = await connection.execute_query("SELECT name FROM tortoise_migrations", [])
    applied = {row["name"] for row in rows}
    return sorted(set(migration_names()) - applied)


def plain(url: str) -> str:
    """The URL in the form that asyncpg reads: its scheme is postgresql or postgres, nothing else differs."""
    return url.replace("asyncpg://", "postgresql://", 1)


def _login(url: str) -> str | None:
    return urlsplit(url).username
