"""What takes a message on its way to somebody's phone."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


class GatewayFault(Exception):
    """The gateway did not take a message and says nothing against the message itself: it is tried again.

    `code` is for the log and quotes nothing: HTTP_503, BAD_ANSWER.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MessageRefused(Exception):
    """The gateway will never take this one message, whatever its own health: the number does not exist, for instance.

    `code` is written beside the message, 32 characters at most.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Text:
    """One message, ready to go. Its `id` is the same at each try, so that a repeat after a crash can be recognised.

    `priority` is 0 for what calls to a RED alert, and more for what may wait behind it.
    """

    id: UUID
    # Kept out of repr(): a phone and a code must not end up in a log by way of an exception.
    to: str = field(repr=False)
    body: str = field(repr=False)
    priority: int = 1


class Gateway(Protocol):
    """A way to send messages. `name` is written beside each message that it took."""

    name: str

    async def send(self, text: Text) -> str | None:
        """Returns when the message was taken: the gateway's own name for it, where it has one.

        Raises MessageRefused where it will never be taken, and anything else where it may be later.
        """

    async def close(self) -> None:
        """Ends its connections; it can be used again afterwards."""
