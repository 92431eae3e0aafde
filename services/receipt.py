"""What a household gets back, and what anybody who holds its code may ask later."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.state import CaseState, DeclarationState
from triage.assessment import Assessment
from triage.words import Text


@dataclass(frozen=True, slots=True)
class ReceiptStation:
    """Who answers for the household's ward."""

    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class DeclaredPerson:
    """One person of the receipt, in the order of the declaration, with what triage concluded of their report."""

    id: UUID
    case_id: UUID
    state: DeclarationState
    case_state: CaseState
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a declare, the same for each repeat of it."""

    code: str
    submitted_at: datetime
    area_name: str
    station: ReceiptStation | None
    people: tuple[DeclaredPerson, ...]
    advice: Text


@dataclass(frozen=True, slots=True)
class ReceiptStatus:
    """What a code opens for anybody: that it has arrived and where it stands; nothing of person or illness."""

    code: str
    submitted_at: datetime
    area_name: str
    station: ReceiptStation | None
    states: tuple[DeclarationState, ...]
    advice: Text
    next_check_in_due: datetime | None
    """The earliest of the household, of cases that were opened from its own phone."""
    release_on: tuple[date | None, ...]
    """Of each person the day on which the isolation may end, of such cases alone; None where none was confirmed."""
