"""The trail of a served installation: what was done through it holds, and whoever changes it is found."""

import asyncio
import sys
from typing import Any

import aiohttp
import asyncpg
import orjson

from models.migrate import plain
from tests.acceptance.client import Api
from tests.acceptance.conftest import ROOT, Place, execute, served, sign_in
from tests.acceptance.declaring import breathless, declare

NAMES = "{ cases(first: 3) { nodes { id person { name } } } }"
TRAIL = "query ($id: ID!) { auditTrail(caseId: $id) { nodes { action by { name } } } }"
WATCH = "subscription ($after: String) { alerts(after: $after) { cursor } }"


async def audit(place: Place, *arguments: str) -> tuple[int, Any]:
    """The exit code and the JSON of a command."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "audit", *arguments, "--json"),
        cwd=ROOT,
        env=place.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert out, err
    return process.returncode or 0, orjson.loads(out)


async def rows(place: Place, sql: str) -> list[Any]:
    """What the owner finds."""
    owner = await asyncpg.connect(plain(place.urls.owner))
    try:
        return list(await owner.fetch(sql))
    finally:
        await owner.close()


async def test_what_was_done_and_seen_holds_until_somebody_changes_it(place: Place, api: Api, station: Api) -> None:
    await declare(api, breathless())
    await station.data(NAMES)
    await audit(place, "seal")
    code, found = await audit(place, "verify")
    assert (code, found["wrong"]) == (0, None)
    assert (await audit(place, "verify", "--expect", found["head"]))[0] == 0
    [shown] = await rows(place, "SELECT id FROM audit WHERE action = 'see_cases' ORDER BY id DESC LIMIT 1")
    await execute(place.urls, "UPDATE audit SET action = 'see_nothing' WHERE id = $1", shown["id"])
    code, changed = await audit(place, "verify")
    assert (code, changed["wrong"]["what"], changed["wrong"]["audit_id"]) == (1, "CHANGED", str(shown["id"]))
    await execute(place.urls, "UPDATE audit SET action = 'see_cases' WHERE id = $1", shown["id"])
    assert (await audit(place, "verify"))[0] == 0
    assert (await audit(place, "verify", "--expect", f"1:{'00' * 32}"))[0] == 1


async def test_a_medical_centre_reads_who_has_looked_at_a_case(api: Api, station: Api, tokens: dict[str, str]) -> None:
    await declare(api, breathless())
    [case, *_] = (await station.data(NAMES))["cases"]["nodes"]
    nodes = (await api.acting(tokens["centre"]).data(TRAIL, {"id": case["id"]}))["auditTrail"]["nodes"]
    assert {"action": "see_cases", "by": {"name": "Station"}} in nodes
    refused = await station.ask(TRAIL, {"id": case["id"]})
    assert refused.code == "NOT_FOUND"


async def test_a_server_that_is_told_to_stop_leaves_the_end_of_its_subscriptions(place: Place) -> None:
    async with served(place) as (url, process), aiohttp.ClientSession() as session:
        api = Api(url, session)
        station = api.acting(await sign_in(api, "station"))
        page = await station.data("{ alerts(first: 1) { cursor } }")
        await declare(api, breathless())
        async with station.socket() as socket:
            await socket.subscribe("1", WATCH, {"after": page["alerts"]["cursor"]})
            await socket.next("1")
            process.terminate()
            await process.wait()
    [end] = await rows(place, "SELECT detail FROM audit WHERE action = 'watch_alerts_ended' ORDER BY id DESC LIMIT 1")
    detail = orjson.loads(end["detail"])
    assert (detail["count"], detail["first"]) == (1, detail["last"])
