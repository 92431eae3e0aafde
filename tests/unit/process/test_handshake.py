"""A socket's handshake that was read as HTTP already."""

import pytest
from websockets.http11 import Request
from websockets.server import ServerProtocol

from process.handshake import plain_handshake

HEADERS = [
    (b"host", b"127.0.0.1"),
    (b"upgrade", b"websocket"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"sec-websocket-key", b"AAAAAAAAAAAAAAAAAAAAAA=="),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-protocol", b"graphql-transport-ws"),
]


def read_by_websockets(url: bytes, headers: list[tuple[bytes, bytes]]) -> Request:
    """What websockets reads of the same bytes."""
    machine = ServerProtocol()
    lines = [b"GET " + url + b" HTTP/1.1", *(name + b": " + value for name, value in headers), b"", b""]
    machine.receive_data(b"\r\n".join(lines))
    (found,) = machine.events_received()
    assert isinstance(found, Request)
    return found


def test_a_plain_handshake_is_what_websockets_would_have_read() -> None:
    url, headers = b"/graphql?a=%20b", [*HEADERS, (b"accept-language", b"vi"), (b"accept-language", b"en;q=0.5")]
    found, theirs = plain_handshake("GET", url, headers), read_by_websockets(url, headers)
    assert found is not None
    assert (found.method, found.path, found.protocol) == (theirs.method, theirs.path, theirs.protocol)
    assert list(found.headers.raw_items()) == list(theirs.headers.raw_items())
    assert ServerProtocol().accept(found).status_code == ServerProtocol().accept(theirs).status_code == 101


@pytest.mark.parametrize(
    "odd",
    [
        (b"content-length", b"1"),
        (b"transfer-encoding", b"chunked"),
        (b"x-name", "tên".encode()),
        (b"x-tab", b"a\tb"),
        (b"x-nul", b"a\0b"),
        (b"x-long", b"a" * 8_200),
        (b"x-space", b"a "),
    ],
)
def test_a_handshake_with_anything_odd_is_left_to_websockets(odd: tuple[bytes, bytes]) -> None:
    assert plain_handshake("GET", b"/graphql", [*HEADERS, odd]) is None


def test_what_is_no_get_or_has_a_long_or_foreign_address_is_left_to_websockets() -> None:
    assert plain_handshake("POST", b"/graphql", HEADERS) is None
    assert plain_handshake("GET", b"/" + b"a" * 8_192, HEADERS) is None
    assert plain_handshake("GET", "/tên".encode(), HEADERS) is None
