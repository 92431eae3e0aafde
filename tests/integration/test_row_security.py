"""The second wall goes up once, stays up, and a production does not start without it."""

import asyncpg
import pytest

from models.database import DatabaseUrls
from models.embedded import EmbeddedPostgres
from models.migrate import plain
from models.row_security import TABLES
from tests.integration.test_migrate import UP, run

# In a process of its own: the connections of this one are those of the other tests.
OPEN = """
import asyncio, sys
from models.database import DatabaseUrls, connect
from models.state import Mode
from services.open_installation import InstallationRefused, open_installation
async def main():
    await connect(DatabaseUrls(*sys.argv[1:]))
    try:
        await open_installation(Mode.PRODUCTION)
    except InstallationRefused as refused:
        print(refused)
asyncio.run(main())
"""
_POLICIES = "SELECT oid, polname FROM pg_policy ORDER BY oid"
_WALL = """
SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies
UNION ALL SELECT relname, relrowsecurity::text, relforcerowsecurity::text, relacl::text, NULL, NULL FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
UNION ALL SELECT attrelid::regclass::text, attname, attacl::text, NULL, NULL, NULL FROM pg_attribute
  WHERE attacl IS NOT NULL AND attrelid::regclass::text IN ('account', 'audit')
ORDER BY 1, 2, 3
"""


async def rows(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(plain(url))
    try:
        found: list[asyncpg.Record] = await connection.fetch(query)
        return found
    finally:
        await connection.close()


async def test_every_table_says_what_each_login_may_do_with_it(urls: DatabaseUrls) -> None:
    there = await rows(urls.owner, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tablename"] for row in there} == set(TABLES)


async def test_a_wall_that_stands_is_left_alone(urls: DatabaseUrls) -> None:
    before = await rows(urls.owner, _POLICIES)
    await run(UP, urls)
    assert before
    assert await rows(urls.owner, _POLICIES) == before


@pytest.mark.parametrize(
    "breach",
    [
        "DROP POLICY seen ON illness_case",
        "CREATE POLICY open ON illness_case USING (true)",
        "ALTER POLICY seen ON illness_case USING (true)",
        "ALTER TABLE illness_case DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE illness_case NO FORCE ROW LEVEL SECURITY",
        "GRANT SELECT ON session TO khaibao_app",
        "GRANT SELECT (password_hash) ON account TO khaibao_app",
    ],
)
async def test_a_breach_in_the_wall_is_mended_by_the_next_start(server: EmbeddedPostgres, breach: str) -> None:
    urls = await server.database("khaibao_wall", fresh=True)
    await run(UP, urls)
    whole = await rows(urls.owner, _WALL)
    await rows(urls.owner, breach)
    assert await rows(urls.owner, _WALL) != whole
    await run(UP, urls)
    assert await rows(urls.owner, _WALL) == whole


async def test_no_production_opens_where_one_login_is_everybody(server: EmbeddedPostgres) -> None:
    urls = DatabaseUrls.one((await server.database("khaibao_one_login", fresh=True)).owner)
    await run(UP, urls)
    assert "sees every row" in await run(OPEN, urls)
