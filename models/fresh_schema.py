"""The whole schema in one piece, for a database in which there is nothing yet.

Migration by migration the library builds every model anew for each step: five seconds of processor, which everybody who
starts the program for the first time would wait, and the tests hundreds of times.
"""

from pathlib import Path

import asyncpg
from tortoise.migrations.api.sqlmigrate import sqlmigrate

from models.database import DatabaseUrls, tortoise_config

MIGRATIONS = Path(__file__).parents[1] / "migrations"
FRESH = MIGRATIONS / "fresh.sql"
"""What the migrations come to; printed by `khaibao migrate --write`, and held against them by a test."""

_APP = "models"
_RECORDS = """\
CREATE TABLE "tortoise_migrations" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
);"""
_ANYTHING = "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v'))"


def migration_names() -> list[str]:
    """The migrations of this version, in their order."""
    return sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


async def lay_down(connection: asyncpg.Connection) -> list[str]:
    """Makes the whole schema where there is nothing yet, all or nothing; the migrations that it stands for.

    The caller holds the lock of migrations. Raises asyncpg.PostgresError.
    """
    if await connection.fetchval(_ANYTHING):
        return []
    async with connection.transaction():
        await connection.execute(FRESH.read_text(encoding="utf-8"))
    return migration_names()


async def printed() -> str:
    """The file's text as the migrations of now make it. No database is asked."""
    config = tortoise_config(DatabaseUrls.one("asyncpg://nobody@localhost/nothing"), pool=1, service_pool=1)
    parts = [
        "-- Printed from the migrations by `khaibao migrate --write`; not to be changed by hand.",
        _RECORDS.strip(),
    ]
    for name in migration_names():
        parts.append(f"-- {name}")
        statements = await sqlmigrate(config=config, app_label=_APP, migration_name=name)
        parts += [_ended(one) for one in statements if not one.startswith("--")]
        parts.append(
            f'INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES (\'{_APP}\', \'{name}\','
            " clock_timestamp());"
        )
    return "\n".join(parts) + "\n"


def _ended(statement: str) -> str:
    text = "\n".join(line.rstrip() for line in statement.strip().splitlines())
    return text if text.endswith(";") else f"{text};"
