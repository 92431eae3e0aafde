"""Taking a plain request apart: what is plain is read as the parser reads it, and all else is left to the parser."""

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from process.plain_request import plain_request

BODY = b'{"query":"{ areas { id } }"}'


def request(*lines: bytes, body: bytes = BODY, first: bytes = b"POST /graphql HTTP/1.1") -> bytes:
    head = b"\r\n".join((first, b"Content-Length: %d" % len(body), *lines))
    return head + b"\r\n\r\n" + body


class Parsed:
    """What the parser makes of it."""

    def __init__(self, data: bytes) -> None:
        """Reads all of it."""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body, self.whole, self.kept = b"", 0, False
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of them."""
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        """A piece of it."""
        self.body += body

    def on_message_complete(self) -> None:
        """One request is whole; what is asked of the parser later is asked of the next."""
        self.whole += 1
        self.kept = self._parser.should_keep_alive()


def test_headers_come_by_small_names_and_without_the_blanks_around_them() -> None:
    found = plain_request(request(b"Content-Type:application/json", b"X-Forwarded-For: \t192.0.2.7 "))
    assert found is not None
    assert found.headers[b"content-type"] == b"application/json"
    assert found.headers[b"x-forwarded-for"] == b"192.0.2.7"
    assert found.body == BODY
    assert found.kept


def test_who_wants_the_connection_closed_is_heard() -> None:
    for said, kept in ((b"close", False), (b"Keep-Alive", True)):
        found = plain_request(request(b"Connection: " + said))
        assert found is not None
        assert found.kept is kept


@pytest.mark.parametrize(
    "data",
    [
        b"",
        request()[:-1],
        request() + b"x",
        request() + request(),
        request()[:40],
        request(first=b"GET /graphql HTTP/1.1"),
        request(first=b"POST /graphql?x=1 HTTP/1.1"),
        request(first=b"POST /graphql HTTP/1.0"),
        request(b"Content-Length: %d" % len(BODY)),
        request(b"Accept: a", b"accept: b"),
        request(b"Transfer-Encoding: chunked"),
        request(b"Expect: 100-continue"),
        request(b"Connection: Upgrade", b"Upgrade: websocket"),
        request(b"Connection: keep-alive, x"),
        request(b"X : y"),
        request(b" folded"),
        request(b"no colon"),
        request(b"X: a\nContent-Length: 0"),
        request(b"X: a\rb"),
        request(b"X: a\x01b"),
        request(b"X: a\0b"),
        request(b"X\xc3: y"),
        request(b": y"),
        request(b"X: " + b"y" * 9000),
        b"POST /graphql HTTP/1.1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}",
        b"POST /graphql HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n{}",
        b"POST /graphql HTTP/1.1\r\nContent-Length: 0000000002\r\n\r\n{}",
    ],
)
def test_what_could_be_read_in_two_ways_is_left_to_the_parser(data: bytes) -> None:
    assert plain_request(data) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"Host", b"Accept", b"X-Y", b"connection", b"Transfer-Encoding", b"X\t"]),
            st.binary(max_size=12) | st.sampled_from([b"close", b"keep-alive", b"2", b"chunked", b"a, b", b" x\t"]),
        ),
        max_size=5,
    ),
    st.binary(max_size=20),
)
def test_what_is_plain_is_to_the_parser_one_request_of_the_same_headers_and_body(
    lines: list[tuple[bytes, bytes]], body: bytes
) -> None:
    data = request(*(name + b": " + value for name, value in lines), body=body)
    found = plain_request(data)
    if found is None:
        return
    parsed = Parsed(data)
    assert parsed.whole == 1
    assert {name: value.strip(b" \t") for name, value in parsed.headers} == found.headers
    assert (parsed.body, parsed.kept) == (found.body, found.kept)
