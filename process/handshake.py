"""A socket's handshake that was read as HTTP already, for who would read it a second time."""

from collections.abc import Sequence

from websockets.datastructures import Headers
from websockets.http11 import MAX_LINE_LENGTH, Request

_BODY = frozenset({b"content-length", b"transfer-encoding"})


def plain_handshake(method: str, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Request | None:
    """The request as websockets reads it; None where anything is odd, and websockets itself is to judge it.

    What is asked for and whether it may be had is not looked at here.
    """
    if method != "GET" or len(url) + 32 > MAX_LINE_LENGTH or not url.isascii():
        return None
    read = Headers()
    for name, value in headers:
        if name in _BODY or len(name) + len(value) + 8 > MAX_LINE_LENGTH or not (name + value).isascii():
            return None
        text = value.decode("ascii")
        if not text.isprintable() or text != text.strip():
            return None
        read.set_insecure(name.decode("ascii"), text)
    return Request(url.decode("ascii"), read)
