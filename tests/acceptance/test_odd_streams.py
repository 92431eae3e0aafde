"""Odd input over sockets, server-sent events and uploads: a code or a close code, and nobody else notices."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place
from tests.acceptance.declaring import declare
from tests.acceptance.raw import HOST, chunk, connected, send_raw

MODE = "{ installation { mode } }"
INIT = '{"type":"connection_init"}'

WHOLE_SECONDS = 4.0
"""Less than the server waits for the rest of a body that it has refused."""
HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\n"
    + HOST
    + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: a2hhaWJhby10ZXN0LWtleQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)

MESSAGES: list[str | bytes] = [
    "",
    "null",
    "1",
    '"x"',
    "true",
    "[]",
    "[" * 50_000,
    '{"type":' + '{"x":' * 5_000 + "1" + "}" * 5_001,
    "{}",
    '{"type":null}',
    '{"type":1e400}',
    '{"type":"\\ud800"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","id":1,"payload":{"query":"{ me { id } }"}}',
    '{"type":"subscribe","id":"","payload":{"query":"{ me { id } }"}}',
    '{"type":"subscribe","id":"1","payload":null}',
    '{"type":"subscribe","id":"1","payload":[]}',
    '{"type":"complete"}',
    '{"type":"complete","id":{}}',
    '{"type":"unknown","id":"1"}',
    '{"type":"connection_init","payload":NaN}',
    b"\x00\x01",
    b'{"type":"ping"}',
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: repr(one)[:50])
@pytest.mark.parametrize("greeted", [False, True], ids=["first", "later"])
async def test_what_is_no_message_closes_its_socket_with_a_code(api: Api, message: str | bytes, greeted: bool) -> None:
    async with api.raw_socket() as socket, asyncio.timeout(PATIENCE):
        if greeted:
            await socket.send(INIT)
            await socket.recv()
        await socket.send(message)
        # To its end: what comes before it must be nothing of the inside.
        said = [str(one) async for one in _messages(socket)]
        assert not any("INTERNAL" in one for one in said)
        assert 4400 <= (socket.close_code or 0) < 4500


@pytest.mark.parametrize("length", [10_000_000, 2**62], ids=["10 MB", "more than there is"])
async def test_a_message_that_is_too_large_closes_its_socket_alone(server: str, api: Api, length: int) -> None:
    async with api.socket() as other, connected(server) as (reader, writer), asyncio.timeout(PATIENCE):
        writer.write(HANDSHAKE)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        # The head of a frame says how long it is: its bytes are never waited for.
        writer.write(b"\x81\xff" + length.to_bytes(8, "big") + b"mask" + b"y" * 1_000)
        assert (await reader.readexactly(4))[2:] == (1009).to_bytes(2, "big")
        await other.subscribe("1", MODE)
        assert await other.next("1") == {"installation": {"mode": "TEST"}}


PAYLOADS: list[dict[str, Any]] = [
    {},
    {"query": None},
    {"query": 1},
    {"query": ""},
    {"query": "{"},
    {"query": "\0"},
    {"query": "{ me { id } }\u202e"},
    {"query": MODE, "variables": []},
    {"query": MODE, "variables": "x"},
    {"query": MODE, "operationName": 1},
    {"query": MODE, "operationName": "\0"},
    {"query": MODE, "extensions": "x"},
    {"query": "query ($x: String!) { area(code: $x) { id } }", "variables": {"x": "\0"}},
    {"query": "subscription ($x: String) { alerts(after: $x) { cursor } }", "variables": {"x": "\0" * 10}},
    {"query": "subscription { nothing }"},
    {"query": "subscription { alerts { cursor } areaSummary { declared } }"},
    {"query": "{ __typename @stream }"},
]


def _is_no_payload(payload: dict[str, Any]) -> bool:
    """By the protocol: of the wrong types, which is a fault of the message and not of an operation."""
    kinds = {"query": str, "variables": dict, "operationName": str, "extensions": dict}
    return any(
        not isinstance(payload.get(name), kind) for name, kind in kinds.items() if name in payload or name == "query"
    )


async def _messages(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield await socket.recv()


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda one: repr(one)[:70])
async def test_an_odd_operation_ends_alone_on_its_socket(station: Api, payload: dict[str, Any]) -> None:
    async with station.socket() as socket, asyncio.timeout(PATIENCE):
        await socket.send({"id": "odd", "type": "subscribe", "payload": payload})
        if _is_no_payload(payload):
            await socket.connection.wait_closed()
            assert socket.connection.close_code == 4400
            return
        message = await socket.message("odd")
        said = orjson.dumps(message).decode()
        assert message["type"] in ("error", "next")
        assert '"errors"' in said or message["type"] == "error"
        assert "INTERNAL" not in said
        await socket.subscribe("other", MODE)
        assert await socket.next("other") == {"installation": {"mode": "TEST"}}


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda one: repr(one)[:70])
async def test_an_odd_operation_over_events_has_its_code(station: Api, payload: dict[str, Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        reply = await station.post(orjson.dumps(payload), accept="text/event-stream")
    assert reply.status in (200, 400)
    assert b'"code":' in reply.body
    assert b"INTERNAL" not in reply.body


UPLOAD = b"POST /uploads HTTP/1.1\r\n" + HOST + b"Connection: close\r\n"


async def test_an_upload_that_lies_of_its_length_type_or_encoding_is_refused(server: str, api: Api) -> None:
    tried = [
        (b"Content-Length: 99999999999\r\n", b"x", (413,)),
        (b"Content-Length: 100\r\nContent-Encoding: gzip\r\n", b"\x1f\x8b" + b"\0" * 98, (400, 415)),
        (b"Content-Length: 0\r\n", b"", (400, 415, 422)),
        (b"Content-Length: 4\r\n", b"\xff\xd8\xff\xe0", (415, 422)),
        (b"Content-Length: 8\r\nContent-Type: text/html\r\n", b"<script>", (415,)),
        (b"Content-Length: 100\r\n", b"\0" * 100, (415,)),
        (b"Transfer-Encoding: chunked\r\n", chunk(b"x" * 50) + b"0\r\n\r\n", (411,)),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n", (400,)),
    ]
    loop = asyncio.get_running_loop()
    made = "mutation { requestUpload(input: {kind: TEST}) { ... on UploadTicket { ticket } } }"
    for headers, body, statuses in tried:
        ticket = (await api.data(made))["requestUpload"]["ticket"].encode()
        began = loop.time()
        reply = await send_raw(server, UPLOAD + b"Authorization: Bearer " + ticket + b"\r\n" + headers + b"\r\n" + body)
        assert reply.status in statuses, (headers, reply.everything)
        if len(body) == 100 or body == b"<script>":
            # All of it was there: the refusal waits for nothing more.
            assert loop.time() - began < WHOLE_SECONDS
        assert b"INTERNAL" not in reply.everything


async def test_the_server_is_well_after_all_of_it(api: Api, server: str, place: Place) -> None:
    assert (await api.get("/health/ready")).status == 200
    async with api.session.ws_connect(f"{server}/graphql", protocols=("graphql-transport-ws",)) as socket:
        await socket.send_frame(b"\xff", aiohttp.WSMsgType.TEXT)
        assert (await socket.receive()).data == 1007
    for path, origin in (("/graphql", "https://stranger.example"), ("/graphql/", None)):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await api.session.ws_connect(server + path, origin=origin)
    # Somebody who sends nonsense wakes nobody up at night.
    log = (place.folder / f"server-{urlsplit(server).port}.log").read_text("utf-8")
    assert [line for line in log.splitlines() if '"logger":"uvicorn.error"' in line and '"level":"error"' in line] == []
    assert (await declare(api))["__typename"] == "Receipt"
