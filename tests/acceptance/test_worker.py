"""The work without serving: any number of processes, one pass for cron, and an end in order."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from models.embedded import EmbeddedPostgres
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import ROOT, Place, free_port
from tests.acceptance.scrape import scrape
from tests.acceptance.test_ending import started

CODE = "mutation ($input: RequestVerificationInput!) { requestVerification(input: $input) { __typename } }"


@pytest.fixture(scope="module")
async def left_alone(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An installation whose server leaves the work to workers."""
    urls = await postgres.database("khaibao_workers", fresh=True)
    folder = tmp_path_factory.mktemp("workers")
    return Place(folder, urls, {"KHAIBAO_BACKGROUND": "false", "KHAIBAO_SMS_LOG": str(folder / "sms.log")})


@pytest.fixture(scope="module")
async def idle(left_alone: Place) -> AsyncIterator[Api]:
    """That server."""
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{(port := free_port())}"
        await started(stack, left_alone, url, "serve", "--port", str(port))
        yield Api(url, session)


async def ask_for_code(api: Api, phone: str) -> None:
    """Writes a message to the outbox, as a resident does."""
    await api.data(CODE, {"input": {"phone": phone}})


def sent(place: Place) -> str:
    """What has gone out."""
    log: Path = place.folder / "sms.log"
    return log.read_text() if log.exists() else ""


async def test_two_workers_send_what_servers_leave_to_them_once_and_end_when_they_are_told(
    left_alone: Place, idle: Api
) -> None:
    async with AsyncExitStack() as stack:
        ports = [free_port(), free_port()]
        workers = [
            await started(stack, left_alone, f"http://127.0.0.1:{port}", "worker", "--health-port", str(port))
            for port in ports
        ]
        phones = [f"091200077{number}" for number in range(8)]
        for phone in phones:
            await ask_for_code(idle, phone)
        async with asyncio.timeout(PATIENCE):
            while sent(left_alone).count("+84") < len(phones):  # noqa: ASYNC110 - a file sets no event
                await asyncio.sleep(0.05)
        pages = [await scrape(Api(f"http://127.0.0.1:{port}", idle.session)) for port in ports]
        assert sum(page.sum("khaibao_messages_total", outcome="taken") for page in pages) == len(phones)
        for worker in workers:
            worker.terminate()
        async with asyncio.timeout(PATIENCE):
            assert [await worker.wait() for worker in workers] == [0, 0]
    assert [sent(left_alone).count(phone[1:]) for phone in phones] == [1] * len(phones)


async def test_a_single_pass_does_what_is_due_and_ends(left_alone: Place, idle: Api) -> None:
    await ask_for_code(idle, "0912000790")
    once = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "worker", "--once"),
        cwd=ROOT,
        env=dict(left_alone.environment),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await once.communicate()
    assert (once.returncode, b"what was due is done; 0 messages wait" in told) == (0, True), told
    assert "912000790" in sent(left_alone)


async def test_a_worker_without_a_database_says_what_to_do(tmp_path: Path, left_alone: Place) -> None:
    unset = dict.fromkeys(("KHAIBAO_DATABASE_URL", "KHAIBAO_SERVICE_URL", "KHAIBAO_OWNER_URL"), "")
    lost = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "worker"),
        cwd=ROOT,
        env={**left_alone.environment, **unset, "KHAIBAO_DATA_DIR": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await lost.communicate()
    assert (lost.returncode, b"khaibao serve" in told) == (1, True), told
