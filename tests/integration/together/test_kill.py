"""A process that is killed in the midst of shared transactions: what it has acknowledged is there, whole."""

import asyncio
import sys

import asyncpg
import pytest

from models.database import DatabaseUrls
from models.migrate import plain
from services.recount import recount
from services.runtime import Runtime

# Of each submission all that belongs to it, and nothing that belongs to none.
BROKEN = """
SELECT count(*) FROM submission s WHERE NOT EXISTS (SELECT FROM declaration d WHERE d.submission_id = s.id)
  OR NOT EXISTS (SELECT FROM audit a WHERE a.objects ? s.id::text)
UNION ALL
SELECT count(*) FROM declaration d LEFT JOIN assessment a ON a.declaration_id = d.id
  LEFT JOIN illness_case c ON c.id = d.case_id WHERE a.id IS NULL OR c.id IS NULL
UNION ALL
SELECT count(*) FROM illness_case c WHERE NOT EXISTS (SELECT FROM person_key k WHERE k.person_id = c.person_id)
UNION ALL
SELECT count(*) FROM alert a WHERE NOT EXISTS (SELECT FROM alert_event e WHERE e.alert_id = a.id)
UNION ALL
SELECT count(*) FROM declaration d WHERE d.severe AND NOT EXISTS (SELECT FROM alert a WHERE a.declaration_id = d.id)
"""


@pytest.mark.parametrize("acknowledged", [1, 100, 333])
async def test_what_was_acknowledged_before_the_kill_is_there_and_nothing_is_there_by_halves(
    runtime: Runtime, urls: DatabaseUrls, acknowledged: int
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.together.dying"),
        *(urls.application, urls.service, urls.owner, f"run {acknowledged}"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said: list[str] = []
    async with asyncio.timeout(90):
        while len(said) < acknowledged:
            line = await process.stdout.readline()
            assert line, "it has ended by itself"
            said.append(line.decode().strip())
        process.kill()
        said += (await process.stdout.read()).decode().splitlines()
        await process.wait()
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        # What was committed and not yet told is there as well; whoever sends it again gets the receipt.
        kept = {row["idempotency_key"] for row in await owner.fetch("SELECT idempotency_key FROM submission")}
        assert {line.strip() for line in said if line.strip()} <= kept
        assert [row["count"] for row in await owner.fetch(BROKEN)] == [0, 0, 0, 0, 0]
    finally:
        await owner.close()
    assert (await recount()).differences == {}
