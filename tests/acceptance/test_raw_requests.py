"""What no client library sends: heads, bodies and connections of somebody who wants to find out what happens."""

import asyncio
import gzip
import re
import statistics
import time
import zlib

import pytest

from tests.acceptance.client import Api
from tests.acceptance.declaring import declare
from tests.acceptance.raw import HOST, JSON, chunk, chunked, connected, post, send_raw

ASK = b'{"query":"{ installation { mode } }"}'
LEN = b"Content-Length: %d\r\n" % len(ASK)
CLOSE = b"Connection: close\r\n"
START = b"POST /graphql HTTP/1.1\r\n"
GET = b"GET /graphql?query=%7B%20installation%20%7B%20mode%20%7D%20%7D"

HEADS: list[tuple[bytes, tuple[int, ...]]] = [
    (b"\r\n\r\n\r\n" * 30_000, (400, 431)),
    (b"\0" * 100 + b"\r\n\r\n", (400,)),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 500, (400,)),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
    (b"GET /graphql\r\n\r\n", (400,)),
    (b"GET /graphql HTTP/9.9\r\n\r\n", (400,)),
    (b"GET  HTTP/1.1\r\n\r\n", (400,)),
    (b"CONNECT khaibao.test:443 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400, 404, 405)),
    (b"BREW /graphql HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400, 405)),
    (b"TRACE /graphql HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (405,)),
    (b"DELETE /graphql HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (405,)),
    (b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400, 404, 405)),
    (b"GET http://[::1/graphql HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400,)),
    (b"GET /%ff%00%c0%80/../graphql HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400, 404)),
    (b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400, 404)),
    (b"GET //graphql//..;/ HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400, 404)),
    (b"GET /evidence/%00 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (401, 404)),
    (b"GET /evidence/" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (401, 404)),
    (b"GET /explorer/..%2f..%2fsettings.py HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (404,)),
    (b"GET /explorer/%00 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (404,)),
    (b"GET /graphql?query=%ff%fe HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400,)),
    (b"GET /graphql?query=%ED%A0%80 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400,)),
    (b"GET /graphql?query=\xff HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400,)),
    (b"GET /graphql?" + b"&" * 10_000 + b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400,)),
    (b"GET /graphql?query=1&variables=" + b"[" * 20_000 + b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (400,)),
    (b"GET /graphql?query=" + b"a" * 60_000 + b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", (414, 431)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"x: " + b"y" * 40_000 + b"\r\n\r\n", (431,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"x: y\r\n" * 1_000 + b"\r\n", (431,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"x: a\0b\r\n\r\n", (400,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"x: a\r\n folded\r\n\r\n", (200, 400)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"x y: a\r\n\r\n", (400,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b": a\r\n\r\n", (400,)),
    (GET + b" HTTP/1.1\n" + HOST + CLOSE + b"\n", (200, 400)),
    # RFC 9112, 3.2: a Host, and one.
    (GET + b" HTTP/1.1\r\n" + CLOSE + b"\r\n", (400,)),
    (GET + b" HTTP/1.1\r\n" + HOST + HOST + CLOSE + b"\r\n", (400,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Origin: http://a\r\nOrigin: http://b\r\n\r\n", (400,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Authorization: Bearer \r\nAuthorization: Bearer x\r\n\r\n", (400,)),
    (START + HOST + CLOSE + LEN + b"Content-Type: text/plain\r\n" + JSON + b"\r\n" + ASK, (400,)),
    (START + HOST + CLOSE + LEN + JSON + b"Content-Encoding: gzip\r\n" * 2 + b"\r\n" + ASK, (400,)),
    (GET + b" HTTP/1.1\r\nHost: \xff\xfe\r\n" + CLOSE + b"\r\n", (200, 400)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Accept: \xff/\xfe;q=nan\r\n\r\n", (200, 406)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Accept: " + b"a/b;q=0.1," * 2_000 + b"\r\n\r\n", (200, 406)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Accept-Language: \xff;q=inf,en;q=nan,vi;q=1e999\r\n\r\n", (200,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Authorization: Bearer \xff\x80\r\n\r\n", (401,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Authorization: Bearer " + b"a." * 8_000 + b"\r\n\r\n", (401,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Origin: \xff\r\n\r\n", (200, 403)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"X-Forwarded-For: \xff, " + b"1," * 5_000 + b"\r\n\r\n", (200,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Traceparent: 00-\xff-0-0\r\n\r\n", (200,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Last-Event-ID: \0\r\n\r\n", (400,)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Expect: 200-maybe\r\n\r\n", (200, 417)),
    (GET + b" HTTP/1.1\r\n" + HOST + CLOSE + b"Upgrade: h2c\r\nConnection: upgrade\r\n\r\n", (200, 400)),
    (GET + b" HTTP/1.0\r\n\r\n", (200,)),
]


UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
)
SOCKET = b"GET /graphql HTTP/1.1\r\n" + HOST + UPGRADE
HANDSHAKES = [
    (SOCKET + b"Content-Length: 5\r\n\r\nhello", 400),
    (SOCKET + b"Content-Length: 5\r\n\r\n", 400),
    (SOCKET + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (SOCKET + b"x: " + b"y" * 9_000 + b"\r\n\r\n", 431),
    (b"GET /graphql?" + b"y" * 9_000 + b" HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n", 414),
    (SOCKET.replace(b"Key: ", b"Key: !") + b"\r\n", 400),
    (SOCKET.replace(b"13", b"8") + b"\r\n", 400),
    (SOCKET.replace(b"GET", b"POST") + b"\r\n", 405),
    (SOCKET.replace(b"/graphql", b"/graphql/") + b"\r\n", 404),
]


@pytest.mark.parametrize(("head", "status"), HANDSHAKES, ids=lambda value: repr(value)[-70:])
async def test_a_handshake_that_is_none_is_refused_and_not_kept(server: str, head: bytes, status: int) -> None:
    assert (await send_raw(server, head)).status == status


async def test_behind_a_request_that_is_being_answered_no_socket_opens(server: str) -> None:
    reply = await send_raw(server, GET + b" HTTP/1.1\r\n" + HOST + b"\r\n" + SOCKET + b"\r\n")
    assert b" 101 " not in reply.everything


@pytest.mark.parametrize(("head", "statuses"), HEADS, ids=lambda value: repr(value)[-70:])
async def test_a_head_of_any_kind_has_an_answer(server: str, head: bytes, statuses: tuple[int, ...]) -> None:
    reply = await send_raw(server, head)
    assert reply.status in statuses
    _tells_nothing(reply.everything)


BODIES: list[tuple[bytes, tuple[int, ...]]] = [
    # Whose end is it? Two servers in a row must not disagree.
    (START + HOST + JSON + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunk(ASK) + b"0\r\n\r\n", (400,)),
    (START + HOST + JSON + LEN + b"Transfer-Encoding: chunked\r\n\r\n" + ASK, (400,)),
    (START + HOST + JSON + b"Transfer-Encoding: chunked\r\n" + LEN + b"\r\n0\r\n\r\n", (400,)),
    (START + HOST + JSON + LEN + b"Content-Length: 5\r\n\r\n" + ASK, (400,)),
    (START + HOST + JSON + b"Content-Length: +38\r\n\r\n" + ASK, (400,)),
    (START + HOST + JSON + b"Content-Length: -1\r\n\r\n" + ASK, (400,)),
    (START + HOST + JSON + b"Content-Length: 38, 38\r\n\r\n" + ASK, (400,)),
    (START + HOST + JSON + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + ASK, (400, 413)),
    (START + HOST + JSON + b"Content-Length: 99999999999\r\n" + CLOSE + b"\r\n" + ASK, (413,)),
    (START + HOST + JSON + b"Transfer-Encoding: gzip\r\n" + CLOSE + b"\r\n" + ASK, (400, 501)),
    (START + HOST + JSON + b"Transfer-Encoding: chunked, chunked\r\n" + CLOSE + b"\r\n" + chunk(ASK), (400,)),
    (START + HOST + JSON + b"Transfer-Encoding : chunked\r\n" + CLOSE + b"\r\n" + chunk(ASK), (400,)),
    (START + HOST + JSON + b"Transfer-Encoding: xchunked\r\n" + CLOSE + b"\r\n" + chunk(ASK), (400, 501)),
    (START + HOST + JSON + CLOSE + b"\r\n", (400,)),
    (chunked(chunk(ASK), b"0\r\n\r\n"), (200,)),
    (chunked(*(chunk(ASK[at : at + 1]) for at in range(len(ASK))), b"0\r\nTrailer: x\r\n\r\n"), (200,)),
    (chunked(b"zz\r\n" + ASK), (400,)),
    (chunked(b"-5\r\n" + ASK), (400,)),
    (chunked(b"5\r\n" + ASK + b"\r\n0\r\n\r\n"), (400,)),
    (chunked(b"ffffffffffffffffff\r\n" + ASK), (400,)),
    (chunked(*(chunk(b"x" * 60_000) for _ in range(30)), b"0\r\n\r\n"), (413,)),
    (chunked(b"5;" + b"a" * 100 + b"\r\n12345\r\n0\r\n\r\n"), (400,)),
    (post(gzip.compress(b" " * 50_000_000 + ASK), b"Content-Encoding: gzip\r\n"), (415,)),
    (post(zlib.compress(b" " * 50_000_000 + ASK), b"Content-Encoding: deflate\r\n"), (415,)),
    (post(b"\x28\xb5\x2f\xfd" + b"\0" * 100, b"Content-Encoding: zstd\r\n"), (415,)),
    (post(b"\x1b\xff\xff", b"Content-Encoding: br\r\n"), (415,)),
    (post(ASK, b"Content-Encoding: gzip, identity\r\n"), (415,)),
    (post(ASK, b"Content-Encoding: \xff\r\n"), (415,)),
    (post(ASK, b"Content-Encoding: identity\r\n"), (200,)),
    (post(b"x" * 100, path=b"/uploads"), (401,)),
    (post(b"x" * 100, b"Authorization: Bearer " + b"\xff" * 50 + b"\r\n", b"/uploads"), (401,)),
]


@pytest.mark.parametrize(("sent", "statuses"), BODIES, ids=lambda value: repr(value)[20:110])
async def test_a_body_of_any_kind_has_one_answer(server: str, sent: bytes, statuses: tuple[int, ...]) -> None:
    reply = await send_raw(server, sent)
    assert reply.status in statuses
    assert reply.answers == 1
    _tells_nothing(reply.everything)


KINDS = [
    b"text/plain",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=x",
    b"application/graphql",
    b"x-application/jsonx",
    b"application/json; charset=utf-16",
    b"application/json; charset=\xff",
    b"application/json/../json",
    b"\xff",
    b"",
]


@pytest.mark.parametrize("kind", KINDS, ids=repr)
async def test_what_is_no_json_by_its_type_is_not_read(server: str, kind: bytes) -> None:
    sent = START + HOST + b"Content-Type: " + kind + b"\r\n" + LEN + CLOSE + b"\r\n" + ASK
    reply = await send_raw(server, sent)
    assert (reply.status, reply.code) == (415, "BAD_REQUEST")


async def test_a_request_behind_another_has_its_own_answer(server: str) -> None:
    reply = await send_raw(server, *[post(ASK).replace(CLOSE, b"")] * 20, post(ASK))
    assert reply.everything.count(b"HTTP/1.1 200 ") == 21


async def test_what_was_sent_comes_back_in_no_header(server: str) -> None:
    odd = b"x\x0bset-cookie: a=b"
    for header in (b"X-Request-Id: ", b"Accept-Language: ", b"Traceparent: ", b"Origin: ", b"Accept: "):
        reply = await send_raw(server, post(ASK, header + odd + b"\r\n"))
        assert b"set-cookie" not in reply.head.lower()
        reply = await send_raw(server, post(ASK, header + b"planted-by-a-stranger\r\n"))
        assert b"planted-by-a-stranger" not in reply.everything
    for path in (b"/graphql/", b"/graphql/?a=%0d%0aset-cookie:a=b", b"/%0d%0aset-cookie:a=b/"):
        reply = await send_raw(server, b"GET " + path + b" HTTP/1.1\r\nHost: evil.test\r\n" + CLOSE + b"\r\n")
        assert b"\r\nset-cookie" not in reply.head.lower()
        assert b"evil.test" not in reply.head


async def test_a_body_that_trickles_is_told_so_and_holds_nobody_up(server: str, api: Api) -> None:
    head = START + HOST + JSON + b"Content-Length: 100000\r\n\r\n{"
    async with connected(server) as (reader, writer):
        writer.write(head)
        assert (await declare(api))["__typename"] == "Receipt"
        async with asyncio.timeout(30):
            said = await reader.read()
    assert said.startswith(b"HTTP/1.1 408 ")


async def test_a_thousand_half_open_connections_hold_nobody_up(server: str, api: Api) -> None:
    # Nothing, half a head, or a head and no body.
    opened = [await asyncio.open_connection(*re.split("[/:]+", server)[1:]) for _ in range(1_000)]
    for number, (_, writer) in enumerate(opened):
        writer.write(
            [b"", b"POST /graphql HTTP/1.1\r\nHost:", START + HOST + JSON + b"Content-Length: 999\r\n\r\n"][number % 3]
        )
    took = []
    for _ in range(10):
        began = time.monotonic()
        assert (await declare(api))["__typename"] == "Receipt"
        took.append(time.monotonic() - began)
    for _, writer in opened:
        writer.transport.abort()
    assert statistics.median(took) < 1


async def test_the_server_is_well_after_all_of_it(server: str, api: Api) -> None:
    assert (await api.get("/health/ready")).status == 200
    assert (await declare(api))["__typename"] == "Receipt"


def _tells_nothing(said: bytes) -> None:
    for word in (b"Traceback", b"Internal Server Error", b'"INTERNAL"', b".py"):
        assert word not in said
