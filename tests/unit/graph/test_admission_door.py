"""The door's own refusal: the same that the application would give, and only where that is certain."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from graph.admission import Admission
from graph.admission_door import Door
from graph.admission_lane import Lane
from graph.browsers import said_always
from graph.errors import from_exception
from graph.overloaded import Overloaded
from services.runtime import Runtime
from tests.unit.graph.test_admission import DECLARE, admission, filled, red_symptom, runtime

__all__ = ["admission", "runtime"]

PAGE = "https://khaibao.example"
HEADERS = {b"content-type": b"application/json", b"accept": b"application/json", b"accept-language": b"en"}


@pytest.fixture
async def crowd(admission: Admission) -> AsyncIterator[Door]:
    """The door of a process in which everybody who declares has to be refused."""
    await filled(admission)
    admission.queue._waits[Lane.DECLARE] = 60.0  # type: ignore[index]  # a test's own queue
    admission.queue._paces[Lane.DECLARE].seconds = 1e6
    waiting = asyncio.create_task(admission.queue.enter(Lane.DECLARE))
    await asyncio.sleep(0)  # One turn of the loop.
    yield Door(admission, admission._runtime, said_always(), (PAGE,))
    waiting.cancel()


def body(*symptoms: str, **more: object) -> bytes:
    sent = {"idempotencyKey": "k", "people": [{"symptoms": list(symptoms)}]}
    return orjson.dumps({"query": DECLARE, "variables": {"x": sent}, **more})


async def test_it_says_what_the_application_says(crowd: Door) -> None:
    said = crowd.refusal(HEADERS, "192.0.2.7", body())
    assert said is not None
    head, _, content = said.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    error = orjson.loads(content)["errors"][0]
    assert lines[0] == "HTTP/1.1 503 Service Unavailable"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert int(headers["content-length"]) == len(content)
    assert headers["retry-after"] == str(error["extensions"]["retryAfter"])
    assert headers["x-content-type-options"] == "nosniff"
    assert error["extensions"].keys() == {"code", "retryAfter", "place"}
    assert "access-control-allow-origin" not in headers


async def test_its_body_is_the_applications_to_the_letter(crowd: Door, admission: Admission) -> None:
    for language, written in (("en", b"en"), ("vi", b"vi")):
        said = crowd.refusal(HEADERS | {b"accept-language": written}, None, body())
        assert said is not None
        content = said.partition(b"\r\n\r\n")[2]
        told = orjson.loads(content)["errors"][0]["extensions"]
        refused = Overloaded(told["retryAfter"], told["place"])
        error = from_exception(refused, language, "any")  # type: ignore[arg-type]  # both are languages of ours
        assert content == orjson.dumps({"errors": [error.formatted()]})


async def test_a_place_is_bound_to_the_address_that_the_application_would_bind_it_to(
    crowd: Door, admission: Admission, runtime: Runtime
) -> None:
    admission.queue._waits[Lane.PUBLIC] = 60.0  # type: ignore[index]  # a test's own queue
    while admission.queue._free(Lane.PUBLIC):
        await admission.queue.enter(Lane.PUBLIC)
    admission.queue._paces[Lane.PUBLIC].seconds = 1e6
    waiting = asyncio.create_task(admission.queue.enter(Lane.PUBLIC))
    await asyncio.sleep(0)  # One turn of the loop.
    read = orjson.dumps({"query": "{ areas { id } }"})
    for _ in range(2):
        said = crowd.refusal(HEADERS, "192.0.2.7", read)
        assert said is not None
        slip = orjson.loads(said.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["place"]
        now = runtime.clock.unmoved().timestamp()
        assert admission._places.read(slip, f"from {runtime.origins.of('192.0.2.7', [])}", now).lane == Lane.PUBLIC
    waiting.cancel()


async def test_a_page_that_may_call_may_read_it_and_no_other(crowd: Door) -> None:
    mine = crowd.refusal(HEADERS | {b"origin": PAGE.encode()}, None, body())
    other = crowd.refusal(HEADERS | {b"origin": b"https://elsewhere.example"}, None, body())
    assert mine is not None
    assert other is not None
    assert f"access-control-allow-origin: {PAGE}".encode() in mine
    assert b"access-control" not in other


async def test_red_signs_are_let_in_and_so_is_who_shows_a_slip(crowd: Door, runtime: Runtime) -> None:
    assert crowd.refusal(HEADERS, None, body(red_symptom(runtime))) is None
    assert crowd.refusal(HEADERS, None, body(extensions={"place": "k1.x"})) is None
    assert crowd.refusal(HEADERS | {b"khaibao-place": b"k1.x"}, None, body()) is None


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (HEADERS, b"{"),
        (HEADERS, b"[]"),
        (HEADERS, b"null"),
        (HEADERS, b'{"query": 1}'),
        (HEADERS | {b"content-encoding": b"gzip"}, None),
        ({b"content-type": b"text/plain"}, None),
        ({b"content-type": b"application/json; charset=utf-16"}, None),
        ({b"content-type": b"application/json", b"accept": b"text/event-stream"}, None),
        ({b"content-type": b"application/json", b"accept": b"image/png"}, None),
        ({}, None),
    ],
)
async def test_what_is_not_certain_is_left_to_the_application(
    crowd: Door, headers: dict[bytes, bytes], content: bytes | None
) -> None:
    assert crowd.refusal(headers, None, body() if content is None else content) is None


async def test_who_gets_no_socket_hears_when_to_come_back(crowd: Door) -> None:
    head, _, content = crowd.no_socket({b"accept-language": b"en"}).partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    extensions = orjson.loads(content)["errors"][0]["extensions"]
    assert head.startswith(b"HTTP/1.1 503 ")
    assert extensions == {"code": "OVERLOADED", "retryAfter": int(lines["retry-after"])}
    assert lines["connection"] == "close"
    assert int(lines["content-length"]) == len(content)
