"""Traces and request ids of a real server: what an operator follows one operation by, and nothing of a person."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import orjson
import pytest

from tests.acceptance.client import Api
from tests.acceptance.collector import Collector, Found, collecting
from tests.acceptance.conftest import Place, serving, sign_in
from tests.acceptance.declaring import DECLARE, breathless, declare, household, person

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
CONFIRM = "{ installation { mode } }"
CODE = "mutation ($input: RequestVerificationInput!) { requestVerification(input: $input) { __typename } }"


@pytest.fixture(scope="module")
async def collector() -> AsyncIterator[Collector]:
    """Where the traced server sends its spans."""
    async with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
async def traced(place: Place, collector: Collector) -> AsyncIterator[Api]:
    """A server that is traced, talkative, and believes a proxy on this machine."""
    more = {
        "KHAIBAO_OTLP_ENDPOINT": collector.url,
        "KHAIBAO_TRUSTED_PROXIES": "127.0.0.1",
        "KHAIBAO_LOG_LEVEL": "debug",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    async with serving(place, 1, **more) as url, aiohttp.ClientSession() as session:
        yield Api(url, session)


def named(spans: list[Found], name: str) -> list[Found]:
    """The spans of this name."""
    return [span for span in spans if span.name == name]


async def test_an_operation_is_a_span_and_its_transactions_are_its_children(traced: Api, collector: Collector) -> None:
    await declare(traced, breathless())
    spans = await collector.until(lambda spans: bool(named(spans, "mutation declare")))
    operation = named(spans, "mutation declare")[-1]
    assert operation.notes["khaibao.fields"] == "declare"
    assert operation.notes["khaibao.outcome"] == "answered"
    parts = [span for span in spans if span.parent == operation.id]
    assert {(span.name, span.notes["khaibao.login"]) for span in parts} >= {("transaction", "service")}
    assert {span.trace for span in parts} == {operation.trace}


async def test_a_message_given_to_a_gateway_is_a_span(traced: Api, collector: Collector) -> None:
    await traced.data(CODE, {"input": {"phone": "0987 654 321"}})
    spans = await collector.until(lambda spans: bool(named(spans, "gateway")))
    assert named(spans, "gateway")[0].notes["khaibao.gateway"] == "console"


async def test_a_caller_s_traceparent_is_gone_on_with_even_where_it_asks_not_to_be_seen(
    traced: Api, collector: Collector
) -> None:
    await traced.ask(CONFIRM, traceparent=f"00-{TRACE}-{PARENT}-00")
    spans = await collector.until(lambda spans: any(span.trace == TRACE for span in spans))
    assert [span.parent for span in spans if span.trace == TRACE and span.name.startswith("query")] == [PARENT]


async def test_what_is_refused_or_sent_leaves_nothing_of_it_in_a_trace(traced: Api, collector: Collector) -> None:
    await traced.ask("{ tênKhôngCó }")
    await traced.ask(DECLARE, {"input": household(person(fullName="Đặng Zơquắp Vếtlần", symptoms=["nonsense"]))})
    await sign_in(traced, "station")
    before = len(collector.spans)
    await traced.ask("{ installation { today } }")
    await collector.until(lambda spans: len(spans) > before and bool(named(spans[before:], "query installation")))
    for trace in ("Zơquắp", "tênKhôngCó", "0912", "912345678", "987654321", "Lê Lợi", "nonsense", "station-", "today"):
        assert trace.encode() not in collector.raw


@pytest.mark.parametrize("name", ["abcd-1234", "7b0f8a8e2f6d4f0b9d8a1c2e3f405162"])
async def test_a_request_is_called_as_a_trusted_proxy_calls_it(traced: Api, place: Place, name: str) -> None:
    reply = await traced.ask(CONFIRM, x_request_id=name)
    assert sent_back(reply.headers) == name
    assert [line["fields"] for line in lines(place, name) if line["event"] == "operation"] == [["installation"]]


@pytest.mark.parametrize("name", ["short", "with space 1", "x" * 65, "Nguyễn-Văn-A", 'quote"quote"'])
async def test_what_does_not_look_like_a_name_is_not_taken(traced: Api, name: str) -> None:
    reply = await traced.ask(CONFIRM, x_request_id=name.encode().decode("latin-1"))
    assert len(sent_back(reply.headers)) == 32


async def test_nobody_else_names_a_request(api: Api) -> None:
    name = uuid4().hex
    reply = await api.ask(CONFIRM, x_request_id=name)
    assert sent_back(reply.headers) not in ("", name)


async def test_every_line_of_an_operation_has_its_name(traced: Api, place: Place) -> None:
    name = uuid4().hex
    await traced.ask(DECLARE, {"input": household(breathless())}, x_request_id=name)
    [line] = [line for line in lines(place, name) if line["event"] == "operation"]
    assert (line["kind"], line["fields"], line["outcome"], line["codes"]) == ("mutation", ["declare"], "answered", [])
    assert set(line) == {*("event", "level", "timestamp", "request_id"), "kind", "fields", "outcome", "codes", "ms"}


async def test_a_stream_of_events_has_a_name_as_well(traced: Api) -> None:
    body = orjson.dumps({"query": CONFIRM})
    headers = {"accept": "text/event-stream", "content-type": "application/json", "x-request-id": "stream-1234"}
    async with traced.session.post(f"{traced.url}/graphql", data=body, headers=headers) as response:
        assert response.headers["x-request-id"] == "stream-1234"


async def test_a_collector_that_is_away_costs_nobody_an_answer(place: Place) -> None:
    more = {"KHAIBAO_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_SCHEDULE_DELAY": "50"}
    async with serving(place, 1, **more) as url, aiohttp.ClientSession() as session, asyncio.timeout(60):
        for _ in range(20):
            assert (await Api(url, session).ask(CONFIRM)).status == 200


def sent_back(headers: dict[str, str]) -> str:
    """The request id that the answer names."""
    return {name.lower(): value for name, value in headers.items()}.get("x-request-id", "")


def lines(place: Place, name: str) -> list[dict[str, object]]:
    """The lines of the servers' logs that bear this request id."""
    written = [line for log in Path(place.folder).glob("server-*.log") for line in log.read_bytes().splitlines()]
    found = [orjson.loads(line) for line in written if line.startswith(b"{")]
    return [line for line in found if line.get("request_id") == name]
