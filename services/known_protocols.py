"""The protocols of an installation: those that come with the program, and those that were published here."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.published_protocol import PublishedProtocol
from triage.protocol import Protocol, bundled, load


async def known_protocols(connection: AsyncpgDBClient) -> list[Protocol]:
    """All of them. What was published counts where it has the version of one that comes along.

    Raises ProtocolError where a published file can no longer be read; then the program is older than the file.
    """
    known = {protocol.version: protocol for protocol in bundled()}
    for published in await PublishedProtocol.all().using_db(connection).order_by("valid_from"):
        known[published.version] = load(published.body)
    return list(known.values())
