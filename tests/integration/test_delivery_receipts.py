"""What gateways report: proven, once, and never backwards."""

import asyncio
from uuid import UUID

import orjson
import pytest
from starlette.applications import Starlette

from access.keys import Key, KeyRing
from alerts.delivery_receipts import DeliveryReceipt, DeliveryReceipts
from alerts.delivery_routes import HTTP_PATH, KANNEL_PATH, delivery_routes
from alerts.delivery_token import delivery_token
from alerts.gateway import Text
from alerts.signature import signed
from models.database import service_connection
from models.identifier import uuid7
from models.state import MessageState
from services.runtime import Runtime
from tests.integration.sending import Gateway, later, message, put, relay

NOW = 1_647_572_400.0
SECRET = "secret"
KEY = Key("test", b"k" * 32)


async def sent(runtime: Runtime, gateway: str = "kannel") -> UUID:
    """A message that the gateway of this name has taken."""
    id, taker = await put(runtime), Gateway()
    taker.name = gateway
    await relay(runtime, taker).send_due()
    return id


def receipts(runtime: Runtime) -> DeliveryReceipts:
    return DeliveryReceipts(service_connection, runtime.clock.now)


class Reporter:
    """A gateway that reports, over HTTP."""

    def __init__(self, runtime: Runtime, database: object = service_connection) -> None:
        taking = DeliveryReceipts(database, runtime.clock.now)  # type: ignore[arg-type]  # one test has none
        self.routes = delivery_routes(taking, KeyRing([KEY]), SECRET, now=lambda: NOW)
        self.application = Starlette(routes=self.routes)

    async def kannel(self, id: object, kind: int, *, token: str | None = None, own: str = "abc") -> int:
        """Kannel's report; the status of the answer."""
        right = delivery_token(KEY, id) if isinstance(id, UUID) else ""
        query = f"id={id}&token={right if token is None else token}&kind={kind}&own={own}"
        return await self._ask("GET", f"{KANNEL_PATH}?{query}")

    async def http(self, said: object, headers: dict[str, str] | None = None) -> int:
        """The HTTP gateway's report; the status of the answer."""
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        return await self._ask("POST", HTTP_PATH, body, signed(SECRET, body, NOW) if headers is None else headers)

    async def _ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
        found: list[int] = []
        url, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": url,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        }

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                found.append(int(str(message["status"])))

        await self.application(scope, receive, send)  # type: ignore[arg-type]  # plain dicts will do
        return found[0]


@pytest.fixture
def reporter(runtime: Runtime) -> Reporter:
    """Who reports."""
    return Reporter(runtime)


async def test_a_message_that_reached_its_phone_is_delivered(runtime: Runtime, reporter: Reporter) -> None:
    id = await sent(runtime)
    assert await reporter.kannel(id, 1) == 204
    found = await message(id)
    assert (found.state, found.gateway, found.gateway_id) == (MessageState.DELIVERED, "kannel", "abc")
    assert found.settled_at is not None
    assert found.reported_at is not None


@pytest.mark.parametrize(("kind", "reason"), [(2, "NOT_DELIVERED"), (16, "CARRIER_REFUSED")])
async def test_one_that_did_not_says_why(runtime: Runtime, reporter: Reporter, kind: int, reason: str) -> None:
    id = await sent(runtime)
    assert await reporter.kannel(id, kind) == 204
    found = await message(id)
    assert (found.state, found.reason) == (MessageState.FAILED, reason)


@pytest.mark.parametrize("kind", [4, 8, 0, -1])
async def test_reports_from_on_the_way_change_nothing(runtime: Runtime, reporter: Reporter, kind: int) -> None:
    id = await sent(runtime)
    assert await reporter.kannel(id, kind) == 204
    assert (await message(id)).state is MessageState.HANDED_OVER


async def test_a_repeat_changes_nothing_and_is_answered_alike(runtime: Runtime, reporter: Reporter) -> None:
    id = await sent(runtime)
    await reporter.kannel(id, 1, own="first")
    before = await message(id)
    assert await reporter.kannel(id, 1, own="second") == 204
    after = await message(id)
    assert (
        (after.gateway_id, after.reported_at)
        == (before.gateway_id, before.reported_at)
        == ("first", before.reported_at)
    )


async def test_delivered_is_the_last_word_in_whatever_order_reports_come(runtime: Runtime, reporter: Reporter) -> None:
    for order in ([1, 2], [2, 1], [16, 1, 2]):
        id = await sent(runtime)
        for kind in order:
            await reporter.kannel(id, kind)
        found = await message(id)
        assert (found.state, found.reason) == (MessageState.DELIVERED, None)


async def test_a_report_that_is_quicker_than_the_gateway_s_answer_is_kept(runtime: Runtime, reporter: Reporter) -> None:
    class Quick(Gateway):
        kind = 1

        async def send(self, text: Text) -> str | None:
            """Reports before it answers."""
            await reporter.kannel(text.id, self.kind)
            return await super().send(text)

    quick, expected = Quick(), {1: MessageState.DELIVERED, 16: MessageState.FAILED}
    quick.name = "kannel"
    for quick.kind, state in expected.items():
        id = await put(runtime)
        await relay(runtime, quick).send_due()
        found = await message(id)
        assert (found.state, found.sealed, found.gateway) == (state, b"", "kannel")


async def test_a_message_whose_answer_was_lost_goes_out_no_more_once_it_is_reported(
    runtime: Runtime, reporter: Reporter
) -> None:
    id, gateway = await put(runtime), Gateway(refuses=1)
    await relay(runtime, gateway).send_due()
    assert await reporter.kannel(id, 1) == 204
    await later(60)
    assert await relay(runtime, gateway).send_due() == 0
    assert (await message(id)).state is MessageState.DELIVERED


async def test_a_failure_of_a_try_that_is_not_known_as_taken_ends_nothing(runtime: Runtime, reporter: Reporter) -> None:
    id, gateway = await put(runtime), Gateway(refuses=1)
    await relay(runtime, gateway).send_due()
    await reporter.kannel(id, 2)
    await later(60)
    assert await relay(runtime, gateway).send_due() == 1
    assert (await message(id)).state is MessageState.HANDED_OVER


async def test_another_gateway_s_failure_is_not_this_one_s(runtime: Runtime, reporter: Reporter) -> None:
    id = await sent(runtime, "http")
    await reporter.kannel(id, 2)
    assert (await message(id)).state is MessageState.HANDED_OVER


async def test_what_was_never_given_to_a_gateway_cannot_be_reported(runtime: Runtime) -> None:
    id = await put(runtime)
    for failure in (None, "NOT_DELIVERED"):
        await receipts(runtime).take(DeliveryReceipt(id, "kannel", None, failure))
    assert (await message(id)).state is MessageState.QUEUED
    assert (await message(id)).sealed != b""


async def test_only_the_message_s_own_token_is_taken(runtime: Runtime, reporter: Reporter) -> None:
    id, other = await sent(runtime), await sent(runtime)
    for token in ("", "x", delivery_token(KEY, other)):
        assert await reporter.kannel(id, 1, token=token) == 403
    assert await reporter.kannel("nothing", 1) == 403
    assert (await message(id)).state is MessageState.HANDED_OVER


async def test_a_message_that_nobody_knows_is_answered_as_one_that_is_known(reporter: Reporter) -> None:
    assert await reporter.kannel(uuid7(), 1) == 204
    assert await reporter.kannel(uuid7(), 1, token="x") == 403
    assert await reporter.http({"id": str(uuid7()), "state": "DELIVERED"}) == 204


async def test_the_http_gateway_s_reports_are_signed(runtime: Runtime, reporter: Reporter) -> None:
    id = await sent(runtime, "http")
    said = {"id": str(id), "state": "DELIVERED", "gatewayId": "4711\x00"}
    body = orjson.dumps(said)
    for headers in (
        {},
        signed("another", body, NOW),
        signed(SECRET, body + b" ", NOW),
        signed(SECRET, body, NOW - 900),
    ):
        assert await reporter.http(said, headers) == 403
    assert (await message(id)).state is MessageState.HANDED_OVER
    assert await reporter.http(said) == 204
    assert ((await message(id)).state, (await message(id)).gateway_id) == (MessageState.DELIVERED, "4711")


@pytest.mark.parametrize(
    ("given", "kept"), [("NO_SUCH_NUMBER", "NO_SUCH_NUMBER"), (None, "NOT_DELIVERED"), ("x" * 99, "x" * 32)]
)
async def test_the_http_gateway_says_why_in_its_own_words(
    runtime: Runtime, reporter: Reporter, given: str | None, kept: str
) -> None:
    id = await sent(runtime, "http")
    assert await reporter.http({"id": str(id), "state": "FAILED", "reason": given}) == 204
    assert ((await message(id)).state, (await message(id)).reason) == (MessageState.FAILED, kept)


@pytest.mark.parametrize("said", [b"", b"{", [], {"id": "x", "state": "DELIVERED"}, {"id": str(uuid7()), "state": "?"}])
async def test_a_signed_report_that_says_nothing_is_a_bad_request(reporter: Reporter, said: object) -> None:
    assert await reporter.http(said) == 400


async def test_a_report_without_end_is_not_read(reporter: Reporter) -> None:
    assert await reporter.http(b"x" * 5000) == 413


async def test_while_the_database_is_away_the_gateway_is_told_to_report_again(runtime: Runtime) -> None:
    def away() -> None:
        raise OSError

    assert await Reporter(runtime, away).kannel(uuid7(), 1) == 503


def test_without_a_secret_there_is_no_address_for_the_http_gateway(runtime: Runtime) -> None:
    routes = delivery_routes(receipts(runtime), KeyRing([KEY]), None)
    assert [route.path for route in routes] == [KANNEL_PATH]


async def test_reports_of_one_message_at_once_end_where_they_should(runtime: Runtime, reporter: Reporter) -> None:
    id = await sent(runtime)
    await asyncio.gather(*(reporter.kannel(id, kind) for kind in [2, 1, 16, 8] * 5))
    assert (await message(id)).state is MessageState.DELIVERED
