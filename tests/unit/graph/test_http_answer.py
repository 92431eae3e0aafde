"""Which status an answer has, and what is said with it."""

from typing import Any

import orjson
import pytest
from starlette.types import Message

from graph.accept import Medium
from graph.errors import api_error
from graph.http_answer import send_answer, status_of
from graph.running import Answer

JSON: Medium = "application/json"
NEWER: Medium = "application/graphql-response+json"


def answer(code: str | None, data: dict[str, Any] | None = None, *, executed: bool = False) -> Answer:
    """An answer with this error."""
    return Answer(data, (api_error(code, "en", message="x"),) if code else (), executed=executed)


@pytest.mark.parametrize(
    ("given", "newer", "json"),
    [
        (answer(None, {"me": None}, executed=True), 200, 200),
        (answer("NOT_FOUND", {"a": None, "b": 1}, executed=True), 200, 200),
        (answer("NOT_FOUND", {"a": None}, executed=True), 200, 200),
        (answer("INTERNAL", executed=True), 200, 200),
        (answer("UNAVAILABLE", {"a": None, "b": 1}, executed=True), 200, 200),
        (answer("UNAVAILABLE", {"a": None}, executed=True), 503, 503),
        (answer("OVERLOADED"), 503, 503),
        (answer("RATE_LIMITED"), 429, 429),
        (answer("UNAUTHENTICATED"), 401, 401),
        (answer("INTERNAL"), 500, 500),
        (answer("BAD_REQUEST"), 400, 200),
        (answer("QUERY_TOO_COMPLEX"), 400, 200),
    ],
)
def test_the_status_is_the_one_of_the_specification(given: Answer, newer: int, json: int) -> None:
    assert (status_of(given, NEWER), status_of(given, JSON)) == (newer, json)


async def sent(given: Answer | list[Answer], status: int, **more: Any) -> tuple[dict[str, str], Any]:
    """The headers and the decoded body."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await send_answer(send, given, status, NEWER, "r1", **more)
    start, body = messages
    assert start["status"] == status
    return {name.decode(): value.decode() for name, value in start["headers"]}, orjson.loads(body["body"])


async def test_not_now_says_when_and_has_no_data() -> None:
    headers, body = await sent(answer("UNAVAILABLE", {"a": None}, executed=True), 503)
    assert int(headers["retry-after"]) == body["errors"][0]["extensions"]["retryAfter"] >= 1
    assert "data" not in body


async def test_nothing_that_was_executed_is_left_out() -> None:
    _, body = await sent(answer("NOT_FOUND", {"a": None}, executed=True), 200)
    assert body["data"] == {"a": None}
    _, bodies = await sent([answer(None, {"a": 1}, executed=True), answer("BAD_REQUEST")], 200)
    assert [set(one) for one in bodies] == [{"data"}, {"errors"}]


@pytest.mark.parametrize(
    ("status", "header", "value"),
    [
        (401, "www-authenticate", "Bearer"),
        (405, "allow", "POST"),
        (408, "connection", "close"),
        (413, "connection", "close"),
    ],
)
async def test_a_refusal_says_what_its_status_asks_for(status: int, header: str, value: str) -> None:
    headers, _ = await sent(answer("BAD_REQUEST"), status, allow=b"POST")
    assert headers[header] == value


async def test_a_server_that_ends_keeps_no_connection() -> None:
    assert (await sent(answer(None, {"a": 1}, executed=True), 200, last=True))[0]["connection"] == "close"
