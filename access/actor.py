"""Who is asking."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from access.jurisdiction import NOWHERE, Jurisdiction
from models.state import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks for something: anonymous, a resident whose phone was verified, or an account.

    `jurisdiction` is the range of area numbers in which an account acts, empty for everybody else.
    """

    kind: Literal["ANONYMOUS", "RESIDENT", "ACCOUNT"]
    account_id: UUID | None = None
    session_id: UUID | None = None
    role: Role | None = None
    area_id: str | None = None
    station_id: str | None = None
    phone_hash: str | None = None
    jurisdiction: Jurisdiction = NOWHERE
    display_name: str = ""


ANONYMOUS = Actor("ANONYMOUS")
