"""A way to the database that can be taken away and given back, without touching the database."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from models.database import DatabaseUrls

_NAME = ".s.PGSQL.5432"


class Way:
    """A socket in a folder that leads to the database's own."""

    def __init__(self, folder: Path, urls: DatabaseUrls) -> None:
        """Leads nowhere until `open`."""
        self._folder = folder
        self._host = parse_qs(urlsplit(urls.application).query)["host"][0]
        self.urls = DatabaseUrls(
            *(url.replace(quote(self._host, safe=""), quote(str(folder), safe="")) for url in _all(urls))
        )
        self._server: asyncio.Server | None = None
        self._writers: set[StreamWriter] = set()

    async def open(self) -> None:
        """Begins to lead there."""
        self._server = await asyncio.start_unix_server(self._lead, self._folder / _NAME)

    async def close(self) -> None:
        """Ends every connection, and takes no new one."""
        if self._server:
            self._server.close()
            for writer in self._writers:
                writer.transport.abort()
            self._server = None
        with contextlib.suppress(FileNotFoundError):
            (self._folder / _NAME).unlink()

    async def _lead(self, reader: StreamReader, writer: StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(f"{self._host}/{_NAME}")
        ends = {writer, there_writer}
        self._writers |= ends
        await asyncio.gather(_carry(reader, there_writer), _carry(there_reader, writer))
        self._writers -= ends


async def _carry(reader: StreamReader, writer: StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    writer.transport.abort()


def _all(urls: DatabaseUrls) -> tuple[str, str, str]:
    return urls.application, urls.service, urls.owner
