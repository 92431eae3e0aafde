"""Until when whoever is connected may stay so without showing a newer token."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Ticket:
    """The end of the newest access token that was shown on a socket or request, in real time.

    It changes in place, because everything that runs on a socket was given it: renewing it renews them all.
    """

    expires_at: datetime
