"""Reading an HTTP request: which operation it asks for, or why it asks for none."""

import asyncio
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from graph.discard import discard
from graph.limits import Limits
from graph.request import GraphQLRequest, Malformed, read_bodies, read_parameters

METHODS = b"GET, HEAD, OPTIONS, POST"
READING = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""

_PARAMETERS = 50
_BODY_IS_HERE = "khaibao.body_is_here"
# As `process.whole_answer` says it.
_USUAL = frozenset({"application/json", "application/json; charset=utf-8"})


class Refused(Exception):
    """The request never becomes an operation; it is answered with this status."""

    def __init__(
        self, status: int, message: str | None = None, code: str = "BAD_REQUEST", allow: bytes = METHODS
    ) -> None:
        """`allow` are the methods by which it would be possible."""
        super().__init__(code)
        self.status, self.message, self.code, self.allow = status, message, code, allow


async def read_http(
    scope: Scope, headers: dict[bytes, str], receive: Receive, limits: Limits
) -> GraphQLRequest | list[GraphQLRequest]:
    """The operation, or several where batches are switched on. Raises Refused or Malformed."""
    method = scope["method"]
    if method == "POST":
        _must_be_json(headers)
        here = scope.get(_BODY_IS_HERE, False)
        return read_bodies(await _body(headers, receive, limits, here=here), limits.batch)
    if method in READING:
        return read_parameters(_parameters(scope["query_string"]))
    raise Refused(405, "Send a POST, or a GET for a query.")


async def _body(headers: dict[bytes, str], receive: Receive, limits: Limits, *, here: bool) -> bytes:
    length = headers.get(b"content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:12]) > limits.body:
        await discard(receive)
        raise Refused(413, code="TOO_LARGE")
    if here:
        # As nearly every one: nothing is waited for, and no timer is needed.
        return await _parts(receive, limits)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _parts(receive, limits)
    except TimeoutError as error:
        raise Refused(408, "The body did not arrive in time.") from error


async def _parts(receive: Receive, limits: Limits) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The client has gone.")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limits.body:
            await discard(receive)
            raise Refused(413, code="TOO_LARGE")
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _must_be_json(headers: dict[bytes, str]) -> None:
    said = headers.get(b"content-type", "")
    if said in _USUAL and b"content-encoding" not in headers:
        return
    kind, _, parameters = said.partition(";")
    charset = parameters.lower().replace('"', "").partition("charset=")[2].partition(";")[0].strip()
    # A form can be posted by any page of the web; JSON makes a browser ask first.
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise Refused(415, "Send application/json in UTF-8.")
    if headers.get(b"content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refused(415, "Send the body as it is, without a content encoding.")


def _parameters(query: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query.decode("ascii"), max_num_fields=_PARAMETERS, errors="strict")
    except ValueError as error:
        raise Malformed("The parameters of the URL cannot be read.") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        # A proxy may have looked at the first, and we would run the last.
        raise Malformed("A parameter of the URL is there twice.")
    return parameters
