"""Residents whose every word can be found again: a name, phone, number or street says whose it is wherever it turns up.

A person has a number and a household has one. What is planted holds that number in a form that nothing else has.
"""

import re
from dataclasses import dataclass, replace

import orjson

from services.household import Address, Contact, HouseholdReport, PersonReport
from triage.report import Report

_FOUND = re.compile(
    r"Zx(?P<name>\d{5})z"
    r"|\b0792(?P<number>\d{8})\b"
    r"|(?:\+?84|\b0)93(?P<phone>\d{7})\b"
    r"|Z[yw](?P<street>\d{5})[yw]"
    r"|zv(?P<email>\d{5})v"
    r"|Zs(?P<staff>\d{5})s",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """Something of one person, of all people of one household, or the name of one of the staff."""

    household: bool
    number: int
    what: str

    @property
    def whose(self) -> str:
        """In a word."""
        return "household" if self.household else "account" if self.what == "staff" else "person"


@dataclass(frozen=True, slots=True)
class Household:
    """A household: its number, the numbers of its people, and whose national id each of them gave."""

    number: int
    people: tuple[int, ...]
    ids_of: tuple[int, ...]

    @property
    def key(self) -> str:
        """Its idempotency key, by which its rows are found again."""
        return f"household-{self.number}"

    @property
    def phone(self) -> str:
        """Its telephone number as it is typed."""
        return f"093{self.number:07d}"

    @property
    def street(self) -> str:
        """Where it lives."""
        return f"{self.number} Đường Zy{self.number:05d}y"

    def report(self, ward_code: str, reports: list[Report]) -> HouseholdReport:
        """Its declaration in a ward, one report for each person."""
        people = tuple(
            PersonReport(
                full_name=name(person),
                sex=report.sex or "female",
                report=report,
                national_id=national_id(owner),
                relation="self",
            )
            for person, owner, report in zip(self.people, self.ids_of, reports, strict=True)
        )
        made = HouseholdReport(
            idempotency_key=self.key,
            contact=Contact(self.phone, email=f"zv{self.number:05d}v@example.vn", declared_by=f"Zw{self.number:05d}w"),
            address=Address(area_code=ward_code, street=self.street),
            people=people,
        )
        return replace(made, body=orjson.dumps([made.contact, made.address, made.people]))


def name(person: int) -> str:
    """The full name of a person."""
    return f"Nguyễn Zx{person:05d}z"


def staff_name(number: int) -> str:
    """The name of a member of staff."""
    return f"BS. Zs{number:05d}s"


def national_id(person: int) -> str:
    """The national identity number of a person."""
    return f"0792{person:08d}"


def tokens(text: str) -> set[Token]:
    """Everything planted that a text holds."""
    found = set()
    for match in _FOUND.finditer(text):
        what = match.lastgroup or ""
        found.add(Token(what in ("phone", "street", "email"), int(match[what]), what))
    return found
