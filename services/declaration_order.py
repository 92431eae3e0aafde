"""One declare that has no faults: judged, hashed and sealed before any transaction; then the rows that it becomes."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from access.actor import Actor
from access.bounds import grantee
from alerts.outbox import SealedLetter, sealed
from models.identifier import uuid7
from models.state import CaseState, DeclarationState
from services.call_out import Raised
from services.declaration_alerts import alerts_of, raised_of
from services.declaration_place import Known, Place, Sought
from services.declaration_write import PersonRow, SubmissionRow, Written
from services.household import HouseholdReport, PersonReport
from services.person_key import person_keys
from services.problem import InvalidInput
from services.read_receipt import household_advice
from services.receipt import DeclaredPerson, Receipt, ReceiptStation
from services.receipt_code import new_receipt_code
from services.recognise import case_to_join, person_of
from services.report_record import to_record
from services.runtime import Runtime
from services.take_evidence import Taken
from services.tell_resident import received
from triage.age import age_band
from triage.assess import assess
from triage.assessment import Assessment
from triage.fault import Fault
from triage.protocol import Protocol
from triage.worsening import rank_of


@dataclass(frozen=True, slots=True)
class _Judged:
    """One person with what triage concluded, how they are known again, and the row of somebody who is new."""

    person: PersonReport
    assessment: Assessment
    keys: list[list[str]]
    """Each way of knowing the person, hashed with every known key, the current one first."""
    hashes: frozenset[str]
    """Every hash by which the person may be known."""
    row: PersonRow


class DeclarationOrder:
    """A household's declaration on its way into the tables.

    What does not depend on the ward or on who is known there is made here, so that no connection waits for arithmetic,
    and so that many which share a transaction hold it no longer than one.
    """

    def __init__(
        self,
        runtime: Runtime,
        actor: Actor,
        household: HouseholdReport,
        protocol: Protocol,
        disease: str,
        phone: str,
        now: datetime,
        day: date,
    ) -> None:
        """`phone` in E.164 form. Raises InvalidInput where the phone would have to be proven."""
        self.runtime, self.actor, self.household, self.protocol = runtime, actor, household, protocol
        self.disease, self.phone, self.now, self.day = disease, phone, now, day
        self.repeated = False
        """Whether it was the repeat of one that was taken before."""
        self.told = False
        """Whether the household gets a text that it was received."""
        self._phone_hashes = runtime.pseudonymiser.phones(phone)
        self.phone_hash = self._phone_hashes[0]
        self.verified = actor.kind == "RESIDENT" and actor.phone_hash in self._phone_hashes
        if not self.verified and not runtime.allow_unverified and actor.kind != "ACCOUNT":
            raise InvalidInput((Fault(("contact", "phone"), "PHONE_NOT_VERIFIED"),))
        self._id = uuid7()
        self._body_hash = runtime.pseudonymiser.body(household.body)
        self._contact = self._sealed_contact()
        self._judged = [self._judge(position, person) for position, person in enumerate(household.people)]
        self.hashes = frozenset(found for judged in self._judged for found in judged.hashes)
        """Every hash by which anybody of the household may be known."""
        self.photos = [photo for person in household.people for photo in person.evidence]
        self.tags: frozenset[Hashable] = self.hashes.union(self.photos, (f"key:{household.idempotency_key}",))
        """Who is declared, the key, and the photos: of two that have one of them in common, the second has to see what
        the first has done."""

    @property
    def size(self) -> int:
        """How many people are declared."""
        return len(self._judged)

    def sought(self) -> Sought:
        """What has to be known of the ward before the rows can be made."""
        return Sought(self.household.address.area_code.strip(), self.day, self.disease, sorted(self.hashes))

    def written(self, place: Place) -> Written:
        """Its rows in that ward, under a new receipt code."""
        submission = self._submission(place)
        written = Written(
            submission,
            self.actor,
            # Not for an unproven phone: who typed a wrong number must not open their household to its owner.
            opened_to=grantee(self.actor) if self.verified else None,
            letter=self._letter(place, submission),
        )
        taken = {found.hash for found in place.known}
        for judged in self._judged:
            known = [found for found in place.known if found.hash in judged.hashes]
            joined = case_to_join(known, place, self._phone_hashes) if self.verified else None
            row = self._known_again(judged, known, joined) if known else judged.row
            written.people.append(row)
            # A key that leads to somebody under an older hash is taken: a second row would make two persons of one.
            written.keys.extend((key[0], row.person_id) for key in judged.keys if taken.isdisjoint(key))
            written.alerts.extend(alerts_of(row, judged.assessment, joined, place, self.protocol, self.now))
        return written

    def photos_of(self, written: Written) -> list[Taken]:
        """Whose each photo becomes."""
        area_no = written.submission.area_no
        return [
            Taken(photo, row.case_id, row.declaration_id, area_no, ("people", row.position, "evidence", place))
            for row, person in zip(written.people, self.household.people, strict=True)
            for place, photo in enumerate(person.evidence)
        ]

    def raised(self, written: Written, place: Place) -> list[Raised]:
        """Its alerts for whoever is called to them."""
        names = {row.case_id: one.person.full_name for row, one in zip(written.people, self._judged, strict=True)}
        return raised_of(written.alerts, place, names, self.phone, self.now)

    def receipt(self, written: Written, place: Place) -> Receipt:
        """What the household gets."""
        people = tuple(
            DeclaredPerson(
                id=row.declaration_id,
                case_id=row.case_id,
                state=DeclarationState.SUBMITTED,
                # The same for a case that was joined: a receipt never tells what was known before.
                case_state=CaseState.SUSPECTED,
                assessment=judged.assessment,
            )
            for row, judged in zip(written.people, self._judged, strict=True)
        )
        return Receipt(
            code=written.submission.receipt_code,
            submitted_at=self.now,
            area_name=place.name,
            station=ReceiptStation(place.station_name, place.station_phone) if place.station_name else None,
            people=people,
            advice=household_advice(self.protocol, people),
        )

    def _judge(self, position: int, person: PersonReport) -> _Judged:
        birth = str(person.report.birth_date or person.report.birth_year)
        keys = person_keys(self.runtime.pseudonymiser, self.phone, person.full_name, birth, person.national_id)
        found = assess(person.report, self.day, self.protocol)
        row = self._new(position, person, found)
        return _Judged(person, found, keys, frozenset(one for key in keys for one in key), row)

    def _new(self, position: int, person: PersonReport, found: Assessment) -> PersonRow:
        declaration_id, case_id = uuid7(), uuid7()
        return PersonRow(
            submission_id=self._id,
            declaration_id=declaration_id,
            position=position,
            case_id=case_id,
            person_id=uuid7(),
            new_case=True,
            new_person=True,
            possible_duplicate=False,
            identity=self._identity(case_id, person),
            sex=person.sex,
            age_band=age_band(person.report.birth_date, person.report.birth_year, self.day),
            severe=found.severe,
            high_risk=found.high_risk,
            danger=found.danger,
            rank=rank_of(found),
            report=self.runtime.sealer.seal(f"declaration:{declaration_id}", to_record(person)),
            assessment_id=uuid7(),
            reasons=orjson.dumps([[reason.code, reason.value] for reason in found.reasons]).decode(),
            missing=orjson.dumps([[one.criterion, one.value_code] for one in found.missing]).decode(),
            age_from_year=found.age_from_year,
            protocol=found.protocol,
            state=DeclarationState.SUBMITTED,
        )

    def _known_again(self, judged: _Judged, known: list[Known], joined: Known | None) -> PersonRow:
        # An unverified report makes a person of its own: typing somebody's number must not reach into their history.
        recognised = person_of([joined] if joined else known, self._phone_hashes) if self.verified else None
        row = judged.row
        if recognised is not None:
            row = row._replace(person_id=recognised, new_person=False)
        if joined is None:
            return row._replace(possible_duplicate=any(one.open for one in known))
        return row._replace(
            case_id=joined.case_id or row.case_id,
            new_case=False,
            identity=b"",
            # Of a case that its station has confirmed there is nothing left to settle.
            state=DeclarationState.ACCEPTED if joined.confirmed else DeclarationState.SUBMITTED,
        )

    def _submission(self, place: Place) -> SubmissionRow:
        return SubmissionRow(
            id=self._id,
            idempotency_key=self.household.idempotency_key,
            body_hash=self._body_hash,
            receipt_code=new_receipt_code(),
            disease=self.disease,
            area_id=place.area_id,
            area_no=place.area_no,
            station_id=place.station_id,
            verified=self.verified,
            phone_hash=self.phone_hash,
            contact=self._contact,
            submitted_at=self.now,
            day=self.day,
        )

    def _sealed_contact(self) -> bytes:
        contact = self.household.contact
        return self.runtime.sealer.seal(
            f"submission:{self._id}",
            {
                "phone": self.phone,
                "email": contact.email,
                "declared_by": contact.declared_by,
                "street": self.household.address.street,
            },
        )

    def _letter(self, place: Place, submission: SubmissionRow) -> SealedLetter | None:
        if not self.told:
            return None
        return sealed(self.runtime.sealer, received(self.runtime, self.phone, place, submission))

    def _identity(self, case_id: UUID, person: PersonReport) -> bytes:
        return self.runtime.sealer.seal(
            f"case:{case_id}",
            {
                "name": " ".join(person.full_name.split()),
                "birth_date": person.report.birth_date,
                "birth_year": person.report.birth_year,
                "phone": self.phone,
                "national_id": person.national_id,
                "street": self.household.address.street,
                "declared_by": self.household.contact.declared_by,
                "email": self.household.contact.email,
            },
        )
