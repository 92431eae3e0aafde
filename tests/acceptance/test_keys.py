"""`khaibao keys`: what it prints, what it refuses, and that it goes on where it was killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process

import aiohttp
import orjson
import pytest

from commands.outcome import OPERATOR
from commands.session import runtime_on
from models.embedded import EmbeddedPostgres
from services.import_areas import import_areas
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import DATA, MOMENT, ROOT, Place, execute, served
from tests.acceptance.declaring import declare, person


@pytest.fixture(scope="module")
async def place(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A database of its own, with areas and nothing declared."""
    place = Place(tmp_path_factory.mktemp("keys"), await postgres.database("khaibao_keys", fresh=True))
    async with runtime_on(place.settings, place.urls) as runtime:
        await import_areas(runtime, OPERATOR, (DATA / "areas-hcmc-2022-03.csv").read_bytes())
    await execute(
        place.urls,
        "UPDATE installation SET clock_offset_us = (extract(epoch FROM $1::timestamptz - now()) * 1000000)::bigint",
        MOMENT,
    )
    return place


async def started(place: Place, *arguments: str, **settings: str) -> Process:
    """The command as a process."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "keys", *arguments),
        cwd=ROOT,
        env={**place.environment, "COLUMNS": "200", **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(place: Place, *arguments: str, **settings: str) -> tuple[int | None, str, str]:
    """How it ended, and what it printed on both outputs."""
    process = await started(place, *arguments, **settings)
    out, errors = await process.communicate()
    return process.returncode, out.decode(), errors.decode()


async def standings(place: Place) -> list[str]:
    """What `list` says of each key, in the order of the file."""
    code, out, errors = await run(place, "list", "--json")
    assert code == 0, errors
    return [one["standing"] for one in orjson.loads(out)]


async def test_a_rotation_under_a_server_is_killed_and_goes_on(place: Place) -> None:
    file = place.folder / "key"
    async with (
        served(place) as (url, _),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE * 2)) as session,
    ):
        api, an = Api(url, session), person(nationalId="079123456789")
        receipt = await declare(api, an)
        process = await started(place, "rotate")
        async with asyncio.timeout(PATIENCE * 2):
            # It waits with the next key in the file until every process has read that: the moment to be killed in.
            while " next" not in file.read_text():  # noqa: ASYNC110 - a file sets no event
                await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        assert await standings(place) == ["current", "next"]
        code, out, errors = await run(place, "rotate", "--now", "--json")
        assert code == 0, errors
        assert "is retired and stays in" in errors
        assert orjson.loads(out)["rows"]["illness_case"] == 1
        assert await standings(place) == ["retired", "current"]
        assert len(file.read_text().splitlines()) == 2
        assert file.stat().st_mode & 0o077 == 0
        again = await declare(api, an, idempotencyKey=receipt["code"])
        assert again["__typename"] == "Receipt"
    old, new = (line.partition(":")[0] for line in file.read_text().splitlines())
    code, _, errors = await run(place, "drop", new)
    assert (code, "in use" in errors) == (1, True)
    code, _, errors = await run(place, "drop", old)
    assert (code, "is needed by" in errors) == (1, True)


async def test_keys_from_the_environment_are_changed_there(place: Place) -> None:
    lines = (place.folder / "key").read_text().splitlines()
    code, _, errors = await run(place, "rotate", KHAIBAO_KEYS=",".join(lines))
    assert (code, errors.count("\n")) == (1, 1)
    assert "KHAIBAO_KEYS: put a new one behind the others" in errors
    code, _, errors = await run(place, "list", KHAIBAO_KEYS=lines[0], KHAIBAO_KEY_FILE=str(place.folder / "key"))
    assert (code, "set one of the two" in errors) == (1, True)


async def test_a_key_file_for_everybody_is_refused_in_one_line(place: Place) -> None:
    os.chmod(place.folder / "key", 0o644)
    code, _, errors = await run(place, "list")
    assert (code, errors.count("\n"), "chmod o-rwx" in errors) == (1, 1, True)
