"""Taking up the protocols that another process has published."""

from datetime import datetime

from models.database import application_connection
from models.published_protocol import PublishedProtocol
from services.known_protocols import known_protocols
from services.protocols import Protocols


class ProtocolFollower:
    """Looks whether something was published since the last look, and only then reads the files: that takes a while."""

    def __init__(self, protocols: Protocols) -> None:
        """Keeps these protocols up to date."""
        self._protocols = protocols
        self._newest: datetime | None = None

    async def look(self) -> None:
        """One look. Raises ProtocolError where a published file can no longer be read."""
        connection = application_connection()
        last = await PublishedProtocol.all().using_db(connection).order_by("-published_at").first()
        newest = last.published_at if last else None
        if newest != self._newest:
            self._protocols.replace(await known_protocols(connection))
            self._newest = newest
