"""What a household declares, as it comes from a client: nothing is checked yet."""

from dataclasses import dataclass, field
from uuid import UUID

from triage.report import Report


@dataclass(frozen=True, slots=True)
class Contact:
    """How the household is reached, and who speaks for it."""

    phone: str
    email: str | None = None
    declared_by: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where the household is: the national code of its ward, and the street."""

    area_code: str
    street: str


@dataclass(frozen=True, slots=True)
class PersonReport:
    """One ill person of the household; `report` is what triage judges."""

    full_name: str
    sex: str
    report: Report
    national_id: str | None = None
    relation: str | None = None
    evidence: tuple[UUID, ...] = ()
    """Photos of this person's test and papers that were uploaded before."""


@dataclass(frozen=True, slots=True)
class HouseholdReport:
    """One call of declare; `body` is the request in a canonical form, by which a repeat is told from another one."""

    idempotency_key: str
    contact: Contact
    address: Address
    people: tuple[PersonReport, ...]
    disease: str | None = None
    body: bytes = field(default=b"", repr=False)
