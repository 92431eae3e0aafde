"""A whole request to the API in the plainest of forms, taken apart without a parser.

The parser calls back for each header, and is made for what comes in pieces. In a storm nearly everything comes as one
piece: head, length and body. Whatever is written in any other way is left to it, so that there is never a second
opinion on where a request ends.
"""

import re
from typing import NamedTuple

_LINE = b"POST /graphql HTTP/1.1\r\n"
# Each line a name that is one, a colon, and no control characters: one of them could end it elsewhere.
_HEAD = re.compile(re.escape(_LINE) + rb"(?:[!#$%&'*+.0-9A-Z^_`a-z|~-]++:[^\x00-\x08\x0a-\x1f\x7f]*+\r\n)++\r\n")
_ENDS = b"\r\n\r\n"
_LONGEST_HEAD = 8 * 1024
_LONGEST_LENGTH = 9
_UNLIKELY = frozenset((b"transfer-encoding", b"expect", b"upgrade", b"trailer", b"te"))


class PlainRequest(NamedTuple):
    """Its headers by name, in small letters; its body; and whether the connection is kept after it."""

    headers: dict[bytes, bytes]
    body: bytes
    kept: bool


def plain_request(data: bytes) -> PlainRequest | None:
    """What was read at once as one such request; None for everything else."""
    if not data.startswith(_LINE):
        return None
    ends = data.find(_ENDS, 0, _LONGEST_HEAD)
    if ends < 0 or _HEAD.fullmatch(data, 0, ends + len(_ENDS)) is None:
        return None
    lines = data[len(_LINE) : ends].split(b"\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip(b" \t")
    if len(headers) != len(lines) or not _UNLIKELY.isdisjoint(headers):
        # What comes twice may be read in two ways.
        return None
    body = data[ends + len(_ENDS) :]
    length = headers.get(b"content-length", b"")
    if not length.isdigit() or len(length) > _LONGEST_LENGTH or int(length) != len(body):
        return None
    connection = headers.get(b"connection", b"keep-alive").lower()
    if connection not in (b"keep-alive", b"close"):
        return None
    return PlainRequest(headers, body, connection == b"keep-alive")
