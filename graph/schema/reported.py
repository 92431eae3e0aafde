"""A person as one report has them."""

from datetime import date

import strawberry

from graph.schema.enums import Sex
from services.reported import Reported
from triage.report import Report


@strawberry.type(description="What was measured; null is what was not.")
class Vitals:
    """See the description."""

    spo2: float | None = strawberry.field(description="Oxygen saturation in %.")
    temperature: float | None = strawberry.field(description="Body temperature in °C.")
    fever_hours: float | None = strawberry.field(description="For how many hours there had been fever.")
    fever_responds_to_medicine: bool | None = strawberry.field(description="Whether medicine brought the fever down.")
    respiratory_rate: float | None = strawberry.field(description="Breaths a minute.")
    pulse: float | None = strawberry.field(description="Heart beats a minute.")
    systolic: float | None = strawberry.field(description="Upper blood pressure in mmHg.")
    diastolic: float | None = strawberry.field(description="Lower blood pressure in mmHg.")

    @classmethod
    def of(cls, report: Report) -> "Vitals":
        """What of it was given."""

        def number(code: str) -> float | None:
            value = report.vitals.get(code)
            return None if value is None else float(value)

        responds = report.vitals.get("fever_responds_to_medicine")
        return cls(
            spo2=number("spo2"),
            temperature=number("temperature"),
            fever_hours=number("fever_hours"),
            fever_responds_to_medicine=None if responds is None else bool(responds),
            respiratory_rate=number("respiratory_rate"),
            pulse=number("pulse"),
            systolic=number("systolic"),
            diastolic=number("diastolic"),
        )


@strawberry.type(
    description="A person as this one report has them, for whoever has sent it and the staff who care for the person."
)
class ReportedPerson:
    """See the description."""

    full_name: str | None = strawberry.field(description="The full name.")
    birth_date: date | None = strawberry.field(description="The date of birth; null where only the year was given.")
    birth_year: int | None = strawberry.field(description="The year of birth, where the date was not given.")
    sex: Sex | None = strawberry.field(description="The person's sex.")
    national_id: str | None = strawberry.field(description="The national identity number, where it was given.")
    relation: str | None = strawberry.field(description="Who the person is to whoever has sent it.")
    test_kind: str | None = strawberry.field(description="The kind of the positive test.")
    test_on: date | None = strawberry.field(description="The day it was taken.")
    symptoms: list[str] = strawberry.field(description="Codes of the protocol.")
    onset_on: date | None = strawberry.field(description="The day the symptoms began.")
    conditions: list[str] = strawberry.field(description="Underlying conditions, codes of the protocol.")
    vaccine_doses: int | None = strawberry.field(description="How many doses of vaccine were received.")
    pregnant: bool | None = strawberry.field(description="Whether the person was pregnant.")
    breastfeeding: bool | None = strawberry.field(description="Whether the person breastfed.")
    vitals: Vitals = strawberry.field(description="What was measured.")

    @classmethod
    def of(cls, found: Reported) -> "ReportedPerson":
        """The person of an unsealed report."""
        report = found.report
        return cls(
            full_name=found.full_name,
            birth_date=report.birth_date,
            birth_year=report.birth_year,
            sex=Sex(report.sex) if report.sex else None,
            national_id=found.national_id,
            relation=found.relation,
            test_kind=report.test_kind,
            test_on=report.test_on,
            symptoms=list(report.symptoms),
            onset_on=report.onset_on,
            conditions=list(report.conditions),
            vaccine_doses=report.vaccine_doses,
            pregnant=report.pregnant,
            breastfeeding=report.breastfeeding,
            vitals=Vitals.of(report),
        )
