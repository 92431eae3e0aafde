"""What takes a message on its way to somebody's phone."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Text:
    """One message, ready to go. Its `id` is the same at each try, so that a repeat after a crash can be recognised."""

    id: UUID
    # Kept out of repr(): a phone and a code must not end up in a log by way of an exception.
    to: str = field(repr=False)
    body: str = field(repr=False)


class Gateway(Protocol):
    """A way to send messages. `name` is written beside each message that it took."""

    name: str

    async def send(self, text: Text) -> None:
        """Returns when the message was taken. Raises whatever kept it from that; it is then tried again later."""
