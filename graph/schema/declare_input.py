"""What a household declares."""

from datetime import date

import orjson
import strawberry

from graph.schema.enums import Sex
from graph.schema.evidence_payload import evidence_ids
from graph.schema.straight import build_straight
from services import household
from triage.report import Report

_VITALS = (
    "spo2",
    "temperature",
    "fever_hours",
    "fever_responds_to_medicine",
    "respiratory_rate",
    "pulse",
    "systolic",
    "diastolic",
)


@strawberry.input(description="How the household is reached, and who speaks for it.")
class ContactInput:
    """See the description."""

    phone: str = strawberry.field(description="A telephone number; without a country code it is read as a local one.")
    declared_by: str = strawberry.field(description="The name of whoever fills this in.")
    email: str | None = strawberry.field(default=None, description="An e-mail address.")


@strawberry.input(description="Where the household is.")
class AddressInput:
    """See the description."""

    area_code: str = strawberry.field(description="The national code of the ward, commune or township.")
    street: str = strawberry.field(description="House number and street.")


@strawberry.input(description="The positive test.")
class TestInput:
    """See the description."""

    kind: str = strawberry.field(description="A code of the protocol: rapid_antigen, pcr, ...")
    taken_on: date = strawberry.field(description="The day it was taken.")


@strawberry.input(description="What was measured. Leave out what was not: unknown is never taken for normal.")
class VitalsInput:
    """See the description."""

    spo2: float | None = strawberry.field(default=None, description="Oxygen saturation in %.")
    temperature: float | None = strawberry.field(default=None, description="Body temperature in °C.")
    fever_hours: float | None = strawberry.field(default=None, description="For how many hours there has been fever.")
    fever_responds_to_medicine: bool | None = strawberry.field(
        default=None, description="Whether medicine brings the fever down."
    )
    respiratory_rate: float | None = strawberry.field(default=None, description="Breaths a minute.")
    pulse: float | None = strawberry.field(default=None, description="Heart beats a minute.")
    systolic: float | None = strawberry.field(default=None, description="Upper blood pressure in mmHg.")
    diastolic: float | None = strawberry.field(default=None, description="Lower blood pressure in mmHg.")

    def given(self) -> dict[str, float | bool]:
        """Only what was measured."""
        found = ((code, getattr(self, code)) for code in _VITALS)
        return {code: value for code, value in found if value is not None}


@strawberry.input(description="One ill person of the household.")
class PersonReportInput:
    """See the description."""

    full_name: str = strawberry.field(description="The full name.")
    sex: Sex = strawberry.field(description="The sex the person is registered with.")
    relation: str = strawberry.field(description="Who the person is to whoever fills this in: self, mother, child, ...")
    test: TestInput = strawberry.field(description="The positive test.")
    symptoms: list[str] = strawberry.field(description="Codes of the protocol; an empty list for none.")
    conditions: list[str] = strawberry.field(description="Underlying conditions, codes of the protocol.")
    birth_date: date | None = strawberry.field(default=None, description="The date of birth; or else `birthYear`.")
    birth_year: int | None = strawberry.field(default=None, description="The year of birth, where no more is known.")
    national_id: str | None = strawberry.field(default=None, description="The number of the identity card.")
    onset_on: date | None = strawberry.field(default=None, description="The day the symptoms began.")
    vaccine_doses: int | None = strawberry.field(default=None, description="How many doses of vaccine were received.")
    pregnant: bool | None = strawberry.field(default=None, description="Whether the person is pregnant.")
    breastfeeding: bool | None = strawberry.field(default=None, description="Whether the person breastfeeds.")
    vitals: VitalsInput | None = strawberry.field(default=None, description="What was measured.")
    evidence: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of uploaded photos. Wait for none where there are severe signs: add them later."
    )

    def report(self) -> household.PersonReport:
        """As the services take it."""
        clinical = Report(
            birth_date=self.birth_date,
            birth_year=self.birth_year,
            sex=self.sex.value,
            test_kind=self.test.kind,
            test_on=self.test.taken_on,
            symptoms=tuple(self.symptoms),
            onset_on=self.onset_on,
            conditions=tuple(self.conditions),
            vaccine_doses=self.vaccine_doses,
            pregnant=self.pregnant,
            breastfeeding=self.breastfeeding,
            vitals=self.vitals.given() if self.vitals else {},
        )
        return household.PersonReport(
            self.full_name, self.sex.value, clinical, self.national_id, self.relation, evidence_ids(self.evidence)
        )


@strawberry.input(description="A household's declaration of 1 to 10 ill people.")
class DeclareInput:
    """See the description."""

    idempotency_key: strawberry.ID = strawberry.field(
        description="Made by the client, one for each declaration: sent again, it gets the first answer back."
    )
    contact: ContactInput = strawberry.field(description="How the household is reached.")
    address: AddressInput = strawberry.field(description="Where the household is.")
    people: list[PersonReportInput] = strawberry.field(description="The ill people.")
    disease: str | None = strawberry.field(
        default=None, description="The code of the disease; the installation's by default."
    )

    def household(self) -> household.HouseholdReport:
        """As the services take it. The body is this input in one form, whatever the client's spelling of it."""
        return household.HouseholdReport(
            idempotency_key=self.idempotency_key,
            contact=household.Contact(self.contact.phone, self.contact.email, self.contact.declared_by),
            address=household.Address(self.address.area_code, self.address.street),
            people=tuple(person.report() for person in self.people),
            disease=self.disease,
            body=orjson.dumps(self),
        )


# The path of the worst day: found anew for each field of each person, the types took an eighth of a declare's time.
build_straight(ContactInput)
build_straight(AddressInput)
build_straight(PersonReportInput, test=build_straight(TestInput), vitals=build_straight(VitalsInput))
build_straight(DeclareInput, contact=ContactInput, address=AddressInput, people=PersonReportInput)
