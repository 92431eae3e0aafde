"""Checking what a household declared: every fault at once, each where it is."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.household import HouseholdReport, PersonReport
from services.phone import e164
from services.take_evidence import evidence_faults
from services.text_faults import text_faults
from triage.fault import Fault
from triage.faults import faults as report_faults
from triage.protocol import Protocol

NAME_LENGTH = 120
STREET_LENGTH = 200
EMAIL_LENGTH = 254
RELATION_LENGTH = 40
KEY_LENGTH = 128
_NATIONAL_ID_LENGTHS = range(6, 21)


@dataclass(frozen=True, slots=True)
class Checked:
    """The faults found, and the phone number in its one form where it is one."""

    phone: str | None
    faults: tuple[Fault, ...]


def check_household(household: HouseholdReport, protocol: Protocol, region: str, on: date) -> Checked:
    """All faults that can be found without the database; the ward is looked up later."""
    phone = e164(household.contact.phone, region)
    return Checked(phone, tuple(_faults(household, protocol, phone, on)))


def _faults(household: HouseholdReport, protocol: Protocol, phone: str | None, on: date) -> Iterator[Fault]:
    yield from text_faults(("idempotency_key",), household.idempotency_key, KEY_LENGTH)
    yield from text_faults(("contact", "phone"), household.contact.phone, 40)
    if phone is None and household.contact.phone.strip():
        yield Fault(("contact", "phone"), "BAD_PHONE")
    email = household.contact.email
    if email is not None:
        yield from text_faults(("contact", "email"), email, EMAIL_LENGTH)
        name, _, host = email.rpartition("@")
        if email.strip() and (not name or "." not in host or any(character.isspace() for character in email)):
            yield Fault(("contact", "email"), "BAD_EMAIL")
    if household.contact.declared_by is not None:
        yield from text_faults(("contact", "declared_by"), household.contact.declared_by, NAME_LENGTH)
    yield from text_faults(("address", "area_code"), household.address.area_code, 16)
    yield from text_faults(("address", "street"), household.address.street, STREET_LENGTH)
    if not 1 <= len(household.people) <= protocol.max_people:
        yield Fault(("people",), "OUT_OF_BOUNDS", {"minimum": 1, "maximum": protocol.max_people})
    # A list of ten thousand people is refused above; only as many are looked at as a household may have.
    for index, person in enumerate(household.people[: protocol.max_people]):
        for fault in person_faults(person, protocol, on):
            yield Fault(("people", index, *fault.path), fault.code, fault.values)
    yield from _twice(household)


def person_faults(person: PersonReport, protocol: Protocol, on: date) -> Iterator[Fault]:
    """What is wrong with one person's report on the day `on`; paths begin at the person."""
    yield from text_faults(("full_name",), person.full_name, NAME_LENGTH)
    if person.relation is not None:
        yield from text_faults(("relation",), person.relation, RELATION_LENGTH)
    if person.national_id is not None:
        yield from national_id_faults(("national_id",), person.national_id)
    yield from evidence_faults(("evidence",), person.evidence)
    yield from report_faults(person.report, protocol, on)


def _twice(household: HouseholdReport) -> Iterator[Fault]:
    if len(household.people) < 2:
        return
    seen_ids: set[str] = set()
    seen_names: set[tuple[str, object]] = set()
    photos: set[UUID] = set()
    for index, person in enumerate(household.people):
        number = "".join((person.national_id or "").split()).upper()
        if number and number in seen_ids:
            yield Fault(("people", index, "national_id"), "DUPLICATE_PERSON")
        seen_ids.add(number)
        name = " ".join(unicodedata.normalize("NFC", person.full_name).casefold().split())
        birth = person.report.birth_date or person.report.birth_year
        if name and (name, birth) in seen_names:
            yield Fault(("people", index, "full_name"), "DUPLICATE_PERSON")
        seen_names.add((name, birth))
        for place, photo in enumerate(person.evidence):
            # Twice for one person is said of that person.
            if photo in photos:
                yield Fault(("people", index, "evidence", place), "NAMED_TWICE")
        photos.update(person.evidence)


def national_id_faults(path: tuple[str | int, ...], number: str) -> Iterator[Fault]:
    """What can be wrong with the number of an identity paper; spaces in it do not matter."""
    compact = "".join(number.split())
    if not (compact.isascii() and compact.isalnum() and len(compact) in _NATIONAL_ID_LENGTHS):
        yield Fault(path, "BAD_NATIONAL_ID")
