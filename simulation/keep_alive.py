"""One HTTP/1.1 connection that is kept open and carries one request at a time.

A replay shares its machine with the server it measures. A general HTTP client costs half a millisecond of processor
time a request, this one a twentieth of that.
"""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server's GraphQL endpoint is."""

    host: str
    port: int
    path: str
    secure: bool

    @classmethod
    def of(cls, url: str) -> "Endpoint":
        """Reads a URL such as http://127.0.0.1:8000. Raises ValueError for anything that is not http or https."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is no address of a server: write it like http://127.0.0.1:8000")
        secure = parts.scheme == "https"
        path = parts.path.rstrip("/")
        return cls(parts.hostname, parts.port or (443 if secure else 80), path or "/graphql", secure)

    @property
    def websocket(self) -> str:
        """The same endpoint for WebSockets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.secure else 'ws'}://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the seconds of a Retry-After header (0 where there was none), and the body."""

    status: int
    retry_after: float
    body: bytes


class KeepAlive(asyncio.Protocol):
    """Connects when it has to, and again after it was cut. Every failure is a ConnectionError."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Reply] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._retry_after = 0.0
        self._head = (
            f"POST {endpoint.path} HTTP/1.1\r\nHost: {endpoint.host}:{endpoint.port}\r\n"
            "Content-Type: application/json\r\nAccept: application/graphql-response+json, application/json\r\n"
        ).encode()

    async def post(
        self, body: bytes, token: str | None = None, address: str | None = None, patience: float = 30.0
    ) -> Reply:
        """Sends a request and waits at most `patience` seconds for its reply. Raises ConnectionError.

        With an address the server is told that it was forwarded from there, as a proxy tells it.
        """
        if self._transport is None:
            await self._connect()
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._reply = reply
        authorisation = f"Authorization: Bearer {token}\r\n" if token else ""
        forwarded = f"X-Forwarded-For: {address}\r\n" if address else ""
        more = (authorisation + forwarded).encode("ascii")
        head = b"%b%bContent-Length: %d\r\n\r\n" % (self._head, more, len(body))
        if self._transport is not None:
            self._transport.write(head + body)
        deadline = asyncio.get_running_loop().call_later(patience, self._give_up)
        try:
            return await reply
        finally:
            deadline.cancel()

    def close(self) -> None:
        """Ends the connection."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    async def _connect(self) -> None:
        context = ssl.create_default_context() if self._endpoint.secure else None
        try:
            transport, _ = await asyncio.get_running_loop().create_connection(
                lambda: self, self._endpoint.host, self._endpoint.port, ssl=context
            )
        except OSError as error:
            raise ConnectionError(str(error)) from error
        self._transport = transport

    def _give_up(self) -> None:
        self.close()
        self._fail("no reply in time")

    def _fail(self, why: str) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ConnectionError(why))

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A fresh connection has a fresh parser: half a reply of the old one must not begin the new one's."""
        self._parser = httptools.HttpResponseParser(self)
        self._body.clear()

    def data_received(self, data: bytes) -> None:
        """Hands what came to the parser."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.close()
            self._fail(f"not HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        """The request under way, if any, has no reply; its sender sends it again under the same key."""
        self._transport = None
        self._fail(str(exc or "the server closed the connection"))

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Only one header matters here."""
        if name.lower() == b"retry-after" and value.isdigit():
            self._retry_after = float(value)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The reply is whole."""
        reply = Reply(self._parser.get_status_code(), self._retry_after, b"".join(self._body))
        keep = self._parser.should_keep_alive()
        self._body.clear()
        self._retry_after = 0.0
        if self._reply is not None and not self._reply.done():
            self._reply.set_result(reply)
        if not keep:
            self.close()
