"""The migrations build what the models declare, once, whoever starts first."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import orjson
import pytest
from tortoise.context import require_context
from tortoise.migrations.autodetector import MigrationAutodetector

from models.database import DatabaseUrls, tortoise_config
from models.embedded import EmbeddedPostgres
from models.migrate import plain

ROOT = Path(__file__).parents[2]
UP = """
import asyncio, sys
from models.database import DatabaseUrls
from models.migrate import migrate
asyncio.run(migrate(DatabaseUrls(*sys.argv[1:])))
"""
DOWN = """
import asyncio, sys
from models.database import DatabaseUrls, tortoise_config
from tortoise import Tortoise
from tortoise.migrations.api import migrate
async def main():
    config = tortoise_config(DatabaseUrls.one(sys.argv[3]), pool=2, service_pool=1)
    await migrate(config=config, target="models.__first__", direction="backward")
    await Tortoise.close_connections()
asyncio.run(main())
"""

ONE_BY_ONE = """
import asyncio, sys
from models.database import DatabaseUrls, tortoise_config
from tortoise import Tortoise
from tortoise.migrations.api import migrate
async def main():
    await migrate(config=tortoise_config(DatabaseUrls.one(sys.argv[3]), pool=2, service_pool=1))
    await Tortoise.close_connections()
asyncio.run(main())
"""
AT_ONCE = """
import asyncio, sys
import asyncpg
from models.fresh_schema import lay_down
from models.migrate import plain
async def main():
    connection = await asyncpg.connect(plain(sys.argv[3]))
    print(*await lay_down(connection))
    await connection.close()
asyncio.run(main())
"""
CATALOGUE = """
SELECT json_agg(line ORDER BY line) FROM (
  SELECT concat_ws(' ', 'column', attrelid::regclass, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
      attidentity, pg_get_expr(d.adbin, d.adrelid), col_description(attrelid, attnum)) AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
  UNION ALL SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, reloptions,
      obj_description(oid, 'pg_class')) FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'index', indexdef) FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid))
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
  UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', 'sequence', sequencename, data_type, start_value, increment_by, cache_size)
    FROM pg_sequences WHERE schemaname = 'public'
  UNION ALL SELECT concat_ws(' ', 'applied', app, name) FROM tortoise_migrations
) AS everything
"""
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"


@pytest.fixture
async def fresh(server: EmbeddedPostgres) -> DatabaseUrls:
    """An empty database of its own."""
    return await server.database("khaibao_migrate", fresh=True)


async def value(url: str, sql: str) -> object:
    """One value, as the login of that URL."""
    connection = await asyncpg.connect(plain(url))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def run(program: str, urls: DatabaseUrls) -> str:
    """Runs a program in a process of its own, for Tortoise knows one configuration a process; what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, urls.application, urls.service, urls.owner),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()


async def test_processes_that_start_at_once_migrate_once(fresh: DatabaseUrls) -> None:
    await asyncio.gather(*(run(UP, fresh) for _ in range(3)))
    assert await value(fresh.owner, "SELECT count(*) = count(DISTINCT name) FROM tortoise_migrations")


async def test_an_empty_database_gets_at_once_what_the_migrations_make_one_by_one(
    server: EmbeddedPostgres, fresh: DatabaseUrls
) -> None:
    slow = await server.database("khaibao_migrate_slow", fresh=True)
    await run(ONE_BY_ONE, slow)
    laid_down = (await run(AT_ONCE, fresh)).split()
    assert laid_down == sorted(path.stem for path in (ROOT / "migrations").glob("[0-9]*.py"))
    wanted, found = [orjson.loads(str(await value(urls.owner, CATALOGUE))) for urls in (slow, fresh)]
    assert len(wanted) > 500
    assert found == wanted, "run `khaibao migrate --write` after each change of the migrations"
    # Where anything is there already, nothing is laid over it.
    assert await run(AT_ONCE, slow) == "\n"


async def test_the_models_declare_nothing_that_no_migration_makes(house: object, urls: DatabaseUrls) -> None:
    apps = require_context().apps
    assert apps is not None
    writers = await MigrationAutodetector(apps, tortoise_config(urls)["apps"]).changes()
    assert [vars(operation) for writer in writers for operation in writer.operations] == []


async def test_migrations_go_back_to_nothing_and_up_again(fresh: DatabaseUrls) -> None:
    await run(UP, fresh)
    before = await value(fresh.owner, TABLES)
    await run(DOWN, fresh)
    assert await value(fresh.owner, TABLES) == 0
    await run(UP, fresh)
    assert await value(fresh.owner, TABLES) == before


@pytest.mark.parametrize("table", ["audit", "alert_event"])
async def test_neither_login_may_change_what_is_append_only(urls: DatabaseUrls, table: str) -> None:
    for url in (urls.application, urls.service):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(url, f"DELETE FROM {table}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(url, f"UPDATE {table} SET at = now()")


async def test_no_login_is_a_member_of_another_or_may_do_everything(urls: DatabaseUrls) -> None:
    powers = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'khaibao_%' AND (rolsuper OR rolcreaterole)"
    assert await value(urls.owner, powers) == 0
    members = (
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE 'khaibao_%'"
    )
    assert await value(urls.owner, members) == 0
