"""A proxy of TCP that cuts what goes through it, as a mobile network does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import urlsplit


class Cutter:
    """Hands on bytes both ways until it is told to cut."""

    def __init__(self, target: str) -> None:
        """`target` is the URL of the server behind it."""
        self.leads_to(target)
        self._open: set[asyncio.StreamWriter] = set()
        self.url = ""
        self.cuts = 0
        """How many connections were cut so far."""

    @classmethod
    @asynccontextmanager
    async def before(cls, target: str) -> AsyncIterator[Self]:
        """One that listens at a port of its own, at `url`."""
        cutter = cls(target)
        server = await asyncio.start_server(cutter._serve, "127.0.0.1", 0)
        cutter.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield cutter
        finally:
            server.close()
            cutter.cut()
            await server.wait_closed()

    def leads_to(self, target: str) -> None:
        """From now on new connections reach the server at this URL; those that stand stay where they are."""
        parts = urlsplit(target)
        self._host, self._port = parts.hostname or "", parts.port or 0

    def cut(self) -> None:
        """Resets every connection, without a word to either side."""
        for writer in self._open:
            writer.transport.abort()
        self.cuts += len(self._open) // 2

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(self._host, self._port)
        ends = {writer, server_writer}
        self._open |= ends
        try:
            await asyncio.gather(_hand_on(reader, server_writer), _hand_on(server_reader, writer))
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
        writer.write_eof()
