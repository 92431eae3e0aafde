"""Messages by way of Kannel itself: a server process, Debian's gateway and its fake SMSC."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import aiohttp
import asyncpg
import pytest

from access.keys import Key, KeyRing
from alerts.gateway import GatewayFault, Text
from alerts.kannel_gateway import KannelGateway
from commands.session import runtime_on
from models.identifier import uuid7
from models.migrate import plain
from tests.acceptance.client import Api
from tests.acceptance.conftest import ROOT, Place, free_port, until_ready
from tests.servers.conftest import Cluster
from tests.servers.kannel import PASSWORD, SENDER, USER, Kannel, require_kannel

pytestmark = pytest.mark.servers

REQUEST = """mutation ($input: RequestVerificationInput!) {
  requestVerification(input: $input) { __typename }
}"""
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Installation:
    """A server that sends by way of Kannel, and its database."""

    api: Api
    place: Place

    async def ask_for_code(self, phone: str) -> None:
        """Writes a message to the outbox, as a resident does."""
        data = await self.api.data(REQUEST, {"input": {"phone": phone}})
        assert data["requestVerification"]["__typename"] == "VerificationSent"

    async def newest(self) -> asyncpg.Record:
        """The row of the message that was written last."""
        owner = await asyncpg.connect(plain(self.place.urls.owner))
        try:
            return await owner.fetchrow("SELECT * FROM outbox_message ORDER BY id DESC LIMIT 1")
        finally:
            await owner.close()

    async def becomes(self, holds: Callable[[asyncpg.Record], bool]) -> asyncpg.Record:
        """The newest message once this holds of it; fails after a while."""
        row = await self.newest()
        try:
            async with asyncio.timeout(_PATIENCE):
                while not holds(row):
                    await asyncio.sleep(0.1)  # Another process writes it, and tells nobody.
                    row = await self.newest()
        except TimeoutError:
            pytest.fail(f"the message stays {row['state']} after {row['attempts']} attempts")
        return row


@pytest.fixture(scope="module")
def kannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kannel]:
    """Kannel, running."""
    require_kannel()
    kannel = Kannel(tmp_path_factory.mktemp("kannel"))
    kannel.start()
    try:
        yield kannel
    finally:
        kannel.stop()


@pytest.fixture(scope="module")
async def installation(
    kannel: Kannel, postgresql15: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """A server whose gateway is that Kannel, which reports to it."""
    place = Place(tmp_path_factory.mktemp("by-kannel"), postgresql15.database("kannel"))
    async with runtime_on(place.settings, place.urls):
        pass
    url = f"http://127.0.0.1:{(port := free_port())}"
    environment = {
        **place.environment,
        "KHAIBAO_SMS_GATEWAYS": "kannel",
        "KHAIBAO_KANNEL_URL": kannel.url,
        "KHAIBAO_KANNEL_USER": USER,
        "KHAIBAO_KANNEL_PASSWORD": PASSWORD,
        "KHAIBAO_KANNEL_SENDER": SENDER,
        "KHAIBAO_KANNEL_RECEIPT_URL": f"{url}/sms/kannel/receipt",
    }
    with (place.folder / "server.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", "serve", "--port", str(port)),
            cwd=ROOT,
            env=environment,
            stderr=log,
            stdout=log,
        )
    try:
        await until_ready(url, process)
        async with aiohttp.ClientSession() as session:
            yield Installation(Api(url, session), place)
    finally:
        process.terminate()
        await process.wait()


def delivered(row: asyncpg.Record) -> bool:
    """Whether Kannel has said that the message reached its phone."""
    return bool(row["state"] == "DELIVERED")


async def test_a_text_arrives_and_its_report_comes_back(installation: Installation, kannel: Kannel) -> None:
    await installation.ask_for_code("0912000001")
    row = await installation.becomes(delivered)
    assert (row["gateway"], row["attempts"], row["sealed"]) == ("kannel", 1, b"")
    assert row["gateway_id"]
    assert row["settled_at"] <= row["reported_at"]
    (text,) = kannel.got("+84912000001")
    assert text.startswith("Ma xac minh khai bao cua ban la ")
    assert kannel.sent(str(row["id"])) == 1


async def test_while_the_carrier_is_away_a_text_is_handed_over_and_delivered_later(
    installation: Installation, kannel: Kannel
) -> None:
    kannel.kill("fakesmsc")
    await installation.ask_for_code("0912000002")
    row = await installation.becomes(lambda row: row["state"] == "HANDED_OVER")
    assert row["reported_at"] is None
    kannel.start_smsc()
    await installation.becomes(delivered)
    assert len(kannel.got("+84912000002")) == 1


async def test_a_text_waits_while_kannel_is_dead_and_goes_out_once_afterwards(
    installation: Installation, kannel: Kannel
) -> None:
    kannel.kill("bearerbox", "smsbox", "fakesmsc")
    await installation.ask_for_code("0912000003")
    waiting = await installation.becomes(lambda row: row["attempts"] >= 2)
    assert waiting["state"] == "QUEUED"
    assert waiting["sealed"] != b""
    kannel.start()
    row = await installation.becomes(delivered)
    assert row["id"] == waiting["id"]
    assert len(kannel.got("+84912000003")) == 1
    assert kannel.sent(str(row["id"])) == 1


async def test_a_text_with_accents_arrives_as_it_was_written(kannel: Kannel) -> None:
    body = "Đã nhận khai báo tại Phường Bến Nghé: “gọi 115” & 100 % + {x}"
    gateway = KannelGateway(kannel.url, USER, PASSWORD, sender=SENDER, keys=KeyRing([Key("test", b"k" * 32)]))
    try:
        await gateway.send(Text(uuid7(), "+84912000004", body))
    finally:
        await gateway.close()
    async with asyncio.timeout(_PATIENCE):
        while not kannel.got("+84912000004"):  # noqa: ASYNC110 - the SMSC writes to a file, and tells nobody
            await asyncio.sleep(0.05)
    assert kannel.got("+84912000004") == [body]


async def test_a_wrong_password_is_a_fault_that_can_be_put_right(kannel: Kannel) -> None:
    gateway = KannelGateway(kannel.url, USER, "wrong", sender=SENDER, keys=KeyRing([Key("test", b"k" * 32)]))
    try:
        with pytest.raises(GatewayFault, match="HTTP_403"):
            await gateway.send(Text(uuid7(), "+84912000005", "x"))
    finally:
        await gateway.close()


async def test_the_log_names_neither_numbers_nor_codes(installation: Installation, kannel: Kannel) -> None:
    await installation.ask_for_code("0912000006")
    await installation.becomes(delivered)
    (text,) = kannel.got("+84912000006")
    code = text.removeprefix("Ma xac minh khai bao cua ban la ")[:6]
    (log,) = [file.read_text() for file in installation.place.folder.glob("server.log")]
    assert "message_put_off" in log
    assert [told for told in (code, "912000003", "912000006", PASSWORD) if told in log] == []
