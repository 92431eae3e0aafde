"""Bytes on a connection, where no client library would send them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from tests.acceptance.client import PATIENCE

HOST = b"Host: khaibao.test\r\n"
JSON = b"Content-Type: application/json\r\n"


@dataclass(frozen=True, slots=True)
class RawReply:
    """All that came until the server closed, as one answer; `status` is 0 where nothing came."""

    everything: bytes

    @property
    def status(self) -> int:
        """The first answer's status."""
        return int(self.everything.split(b" ", 2)[1]) if self.everything.startswith(b"HTTP/1.1 ") else 0

    @property
    def answers(self) -> int:
        """How many answers there are."""
        return self.everything.count(b"HTTP/1.1 ")

    @property
    def head(self) -> bytes:
        """The head of the first answer."""
        return self.everything.partition(b"\r\n\r\n")[0]

    @property
    def code(self) -> str:
        """The code of the first error."""
        code: str = orjson.loads(self.everything.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"]
        return code


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the server."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def send_raw(url: str, *parts: bytes, patience: float = PATIENCE) -> RawReply:
    """Sends these bytes and reads until the server closes; what is sent should ask it to."""
    async with connected(url) as (reader, writer):
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass  # It has refused before all of it was there; what it said may still be read.
        said = bytearray()
        async with asyncio.timeout(patience):
            try:
                while more := await reader.read(65536):
                    said += more
            except ConnectionError:
                pass
        return RawReply(bytes(said))


def post(body: bytes, more: bytes = b"", path: bytes = b"/graphql") -> bytes:
    """A whole POST of this body, after which the connection closes."""
    length = b"Content-Length: %d\r\n" % len(body)
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + JSON + length + more + b"Connection: close\r\n\r\n" + body


def chunked(*chunks: bytes, more: bytes = b"") -> bytes:
    """A POST of these chunks as they are, without the last one."""
    head = b"POST /graphql HTTP/1.1\r\n" + HOST + JSON + b"Transfer-Encoding: chunked\r\nConnection: close\r\n" + more
    return head + b"\r\n" + b"".join(chunks)


def chunk(data: bytes) -> bytes:
    """A chunk that says the truth of its length."""
    return b"%x\r\n" % len(data) + data + b"\r\n"
