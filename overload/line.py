"""One HTTP/1.1 connection of the storm: one request at a time, its answer given to a function and to no task."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import httptools

Answered = Callable[["Request", int, bytes], None]


@dataclass(slots=True)
class Request:
    """What is sent, and since when; status 0 is what a torn connection or a reply that never came counts as."""

    kind: str
    content: bytes
    answered: Answered
    key: str = ""
    slip: str | None = None
    first: float = 0.0
    tries: int = 0
    sent: float = 0.0


class Line(asyncio.Protocol):
    """A connection; `free` gets it back after each answer, with whether it can be used again."""

    def __init__(self, free: Callable[["Line", bool], None], request: Request) -> None:
        self._free = free
        self._request: Request | None = request
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""

    def send(self, request: Request) -> None:
        """Sends the next request."""
        self._request = request
        if self._transport is not None:
            self._transport.write(request.content)

    def expire(self, before: float) -> None:
        """Gives up on a request that was sent before that moment."""
        if self._request is not None and self._request.sent < before:
            self._end(0, keep=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the request that it was opened for."""
        # uvloop's transports are of asyncio's kind, and not of its class.
        self._transport = cast(asyncio.Transport, transport)
        if self._request is not None:
            self._transport.write(self._request.content)

    def data_received(self, data: bytes) -> None:
        """Hands what came to the parser."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._end(0, keep=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """What was under way has no answer."""
        self._transport = None
        self._end(0, keep=False)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """The reply is whole."""
        self._end(self._parser.get_status_code(), keep=self._parser.should_keep_alive())

    def _end(self, status: int, *, keep: bool) -> None:
        request, self._request = self._request, None
        body, self._body = self._body, b""
        if not keep and self._transport is not None:
            self._transport.abort()
            self._transport = None
        if request is not None:
            request.answered(request, status, body)
        self._free(self, keep and self._transport is not None)


def now() -> float:
    """The clock of all the run's times."""
    return time.monotonic()
