"""Until when whoever is connected may stay so without showing a newer token."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

GRACE = timedelta(seconds=30)
"""How long after its token's end a connection still stands, so that a client whose renewing is slow is not cut."""


@dataclass(slots=True)
class Ticket:
    """The end of the newest access token that was shown on a socket or request, in real time.

    It changes in place, because everything that runs on a socket was given it: renewing it renews them all.
    """

    expires_at: datetime
    grace: timedelta = GRACE

    def over(self) -> bool:
        """Whether the token has ended and the time to show another one has passed too."""
        return datetime.now(UTC) > self.expires_at + self.grace
