"""Who is asking."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from access.jurisdiction import NOWHERE, Jurisdiction
from access.ticket import Ticket
from models.state import Restriction, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks for something: anonymous, a resident whose phone was verified, an account, or the system.

    `jurisdiction` is the range of area numbers in which an account acts, empty for everybody else. `restriction` is
    what the session has to do before it may do anything else. `origin` is the keyed hash of the address that the
    request came from, `request_id` its number in the log. `ticket` is shared by everything that runs on one socket.
    `operator` names who sits at the installation's own console. `wrote` is how far the write-ahead log had been written
    when the session last changed something, `access_version` the number of everybody's rights as of which all this is.
    `doctor` is whether the account is a doctor's.
    """

    kind: Literal["ANONYMOUS", "RESIDENT", "ACCOUNT", "SYSTEM"]
    account_id: UUID | None = None
    session_id: UUID | None = None
    role: Role | None = None
    area_id: str | None = None
    station_id: str | None = None
    phone_hash: str | None = None
    jurisdiction: Jurisdiction = NOWHERE
    display_name: str = ""
    restriction: Restriction | None = None
    origin: str | None = field(default=None, compare=False)
    request_id: str | None = field(default=None, compare=False)
    ticket: Ticket | None = field(default=None, compare=False, repr=False)
    operator: str | None = None
    doctor: bool = False
    wrote: int = field(default=0, compare=False, repr=False)
    access_version: int = field(default=0, compare=False, repr=False)


ANONYMOUS = Actor("ANONYMOUS")
SYSTEM = Actor("SYSTEM")
"""What the program does by itself: sealing, counting, forgetting."""
