"""The commands of docs/clients.md, as they stand there."""

import asyncio
import os
import re
from asyncio.subprocess import PIPE

import orjson
import pytest

from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import PASSWORD, ROOT
from tests.acceptance.declaring import breathless, declare
from tests.acceptance.test_alerts import position

pytestmark = pytest.mark.clients

_BLOCKS = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def script(api: Api) -> str:
    """Every command of the page, for this server."""
    blocks = _BLOCKS.findall((ROOT / "docs" / "clients.md").read_text())
    # What curl prints ends without a line's end.
    commands = "\n".join(blocks).replace("curl -s -", "curl -s -S -w '\\n' -")
    return commands.replace("http://127.0.0.1:8000", api.url)


async def lines(api: Api, last: str, wanted: str) -> list[str]:
    """What the commands print, up to the line that begins so."""
    environment = {"PATH": os.environ["PATH"], "USERNAME": "station", "PASSWORD": PASSWORD, "LAST": last}
    process = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", script(api), stdout=PIPE, env=environment, start_new_session=True
    )
    assert process.stdout
    printed: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE * 2):
            while line := await process.stdout.readline():
                printed.append(line.decode().strip())
                if printed[-1].startswith(wanted):
                    break
    finally:
        os.killpg(process.pid, 15)
        await process.wait()
    return printed


async def test_the_commands_of_the_page_do_what_it_says(api: Api, station: Api) -> None:
    last = await position(station)
    printed = await lines(api, last, "data: {")
    answers = [orjson.loads(line) for line in printed if line.startswith("{")]
    assert [answer["data"]["installation"]["mode"] for answer in answers[:2]] == ["TEST", "TEST"]
    assert answers[2]["data"]["declare"]["__typename"] == "Receipt"
    event = orjson.loads(printed[-1].removeprefix("data: "))["data"]["alerts"]
    assert f"id: {event['cursor']}" in printed
    case = (await declare(api, breathless()))["declarations"][0]["case"]["id"]
    again = await lines(api, event["cursor"], "data: {")
    assert orjson.loads(again[-1].removeprefix("data: "))["data"]["alerts"]["alert"]["case"]["id"] == case
