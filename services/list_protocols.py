"""Which protocols an installation has."""

from dataclasses import dataclass
from datetime import date, datetime

from models.database import snapshot
from models.published_protocol import PublishedProtocol
from services.known_protocols import known_protocols
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ListedProtocol:
    """A protocol; `published_at` is None for one that comes with the program, `in_force` is as of today."""

    version: str
    disease: str
    valid_from: date
    valid_to: date | None
    in_force: bool
    published_at: datetime | None


async def list_protocols(runtime: Runtime) -> list[ListedProtocol]:
    """All of them, by disease and first day. Raises ProtocolError where a published one can no longer be read."""
    async with snapshot() as connection:
        known = await known_protocols(connection)
        published = {row.version: row.published_at for row in await PublishedProtocol.all().using_db(connection)}
    runtime.protocols.replace(known)
    today = runtime.clock.day()
    return [
        ListedProtocol(
            protocol.version,
            protocol.disease,
            protocol.valid_from,
            protocol.valid_to,
            runtime.protocols.judging(protocol.disease, today) is protocol,
            published.get(protocol.version),
        )
        for protocol in sorted(known, key=lambda one: (one.disease, one.valid_from))
    ]
