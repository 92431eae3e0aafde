"""How a report is kept: as JSON, sealed; a protocol's trial and a station read it again."""

from datetime import date
from typing import Any

from services.household import PersonReport
from triage.report import Report


def to_record(person: PersonReport) -> dict[str, object]:
    """All that was said of one person, as it was said: a case that it joined has kept another report's identity."""
    return {
        "full_name": " ".join(person.full_name.split()),
        "national_id": person.national_id,
        "relation": person.relation,
        **clinical(person.report),
    }


def clinical(report: Report) -> dict[str, object]:
    """What triage judges of it, and nothing that names anybody."""
    return {
        "birth_date": report.birth_date,
        "birth_year": report.birth_year,
        "sex": report.sex,
        "test_kind": report.test_kind,
        "test_on": report.test_on,
        "symptoms": report.symptoms,
        "onset_on": report.onset_on,
        "conditions": report.conditions,
        "vaccine_doses": report.vaccine_doses,
        "pregnant": report.pregnant,
        "breastfeeding": report.breastfeeding,
        "vitals": dict(report.vitals),
    }


def from_record(record: dict[str, Any]) -> Report:
    """The clinical part of what was kept: what triage judges, and nothing that names anybody."""
    return Report(
        birth_date=_date(record["birth_date"]),
        birth_year=record["birth_year"],
        sex=record["sex"],
        test_kind=record["test_kind"],
        test_on=_date(record["test_on"]),
        symptoms=tuple(record["symptoms"]),
        onset_on=_date(record["onset_on"]),
        conditions=tuple(record["conditions"]),
        vaccine_doses=record["vaccine_doses"],
        pregnant=record["pregnant"],
        breastfeeding=record["breastfeeding"],
        vitals=record["vitals"],
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
