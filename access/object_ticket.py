"""Tickets for bytes: sealed slips that let whoever holds one do one thing, for a few minutes.

For what a browser fetches or sends by itself, where no bearer token can go along. A ticket is sealed and not only
signed: a URL ends up in histories and logs, and says nothing there.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from access.sealing import Sealer, UnsealError

_UNTIL = "until"
_LONGEST = 1_000


class BadTicket(Exception):
    """The ticket is none of ours, was changed, is for something else, or is over."""


def make_ticket(sealer: Sealer, purpose: str, said: Mapping[str, object], until: datetime) -> str:
    """A ticket for one purpose, such as "upload", that says this and ends then; it needs no quoting in a URL."""
    sealed = sealer.seal(f"ticket:{purpose}", {**said, _UNTIL: until.timestamp()})
    return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def read_ticket(sealer: Sealer, purpose: str, ticket: str, now: datetime) -> dict[str, Any]:
    """What a ticket for this purpose says. Raises BadTicket."""
    if len(ticket) > _LONGEST:
        raise BadTicket
    try:
        sealed = base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
        said: dict[str, Any] = sealer.open(f"ticket:{purpose}", sealed)
    except (ValueError, binascii.Error, IndexError, UnsealError) as error:
        raise BadTicket from error
    if said[_UNTIL] < now.timestamp():
        raise BadTicket
    return said
