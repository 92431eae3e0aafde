"""Declaring: a household says who is ill; triage judges at once; the station hears at once."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.exceptions import IntegrityError

from access.actor import Actor
from access.bounds import grantee
from access.policy import Action, may
from alerts.outbox import SealedLetter, sealed
from models.database import service_transaction
from models.identifier import uuid7
from models.state import AlertChange, CaseState, DeclarationState
from services.call_out import call_out
from services.check_household import check_household
from services.declaration_alerts import alerts_of, raised_of
from services.declaration_place import Known, Place, look_up_place, place_faults
from services.declaration_write import AlertRow, PersonRow, SubmissionRow, write_declaration
from services.declare_tries import DeclareTries
from services.first_answer import answered_before, first_answer, first_answer_or_refusal
from services.household import HouseholdReport, PersonReport
from services.person_key import person_keys
from services.problem import InvalidInput, NotFound, TooManyRequests
from services.read_receipt import household_advice
from services.receipt import DeclaredPerson, Receipt, ReceiptStation
from services.receipt_code import new_receipt_code
from services.recognise import case_to_join, one_after_another, person_of
from services.report_record import to_record
from services.runtime import Runtime
from services.take_evidence import Taken, take_evidence
from services.tell_resident import may_tell, received
from triage.age import age_band
from triage.assess import assess
from triage.assessment import Assessment
from triage.fault import Fault
from triage.protocol import Protocol
from triage.worsening import rank_of

_CODE_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Judged:
    """One person with what triage concluded and how they are known again."""

    person: PersonReport
    assessment: Assessment
    keys: list[list[str]]
    """Each way of knowing the person, hashed with every known key, the current one first."""

    @property
    def hashes(self) -> set[str]:
        """Every hash by which the person may be known."""
        return {found for key in self.keys for found in key}


async def declare(runtime: Runtime, actor: Actor, household: HouseholdReport) -> Receipt:
    """Takes a household's declaration: judged, written and its alerts in the log, all or nothing, once for each key.

    A repeat of the same request under the same idempotency key gets the first answer. Raises InvalidInput with every
    fault, Conflict where the key was used for another request, NotFound where the actor may not declare,
    TooManyRequests for what is too much of one phone, account or address.
    """
    if not may(actor, Action.DECLARE):
        raise NotFound
    now = runtime.clock.now()
    day = runtime.clock.day(now)
    disease = household.disease or runtime.disease
    protocol = runtime.protocols.judging(disease, day)
    if protocol is None:
        raise InvalidInput((Fault(("disease",), "UNKNOWN_DISEASE"),))
    checked = check_household(household, protocol, runtime.phone_region, day)
    tries = DeclareTries(runtime, actor, None if checked.faults else checked.phone)
    try:
        await tries.begin()
    except TooManyRequests:
        # What was taken stays taken: somebody who asks again because the answer was lost must not be told to wait.
        if answered := await answered_before(runtime, household, checked.faults):
            return answered
        raise
    if checked.phone is None or checked.faults:
        return await first_answer_or_refusal(runtime, household, checked.faults, day)
    order = _Order(runtime, actor, household, protocol, disease, checked.phone, now, day)
    order.told = await may_tell(runtime, order.phone_hash, order.verified)
    for _ in range(_CODE_TRIES):
        try:
            receipt = await order.take()
            if order.repeated:
                await tries.give_back()
            return receipt
        except IntegrityError as error:
            # A receipt code was drawn twice, once in some million million; anything else is a fault of ours.
            if "receipt_code" not in str(error):
                raise
    raise RuntimeError("three receipt codes in a row were taken already: the random source is broken")


class _Order:
    """One declare that has no faults: judged once, then written, again if a receipt code was taken."""

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
        self.runtime, self.actor, self.household, self.protocol = runtime, actor, household, protocol
        self.disease, self.phone, self.now, self.day = disease, phone, now, day
        self.repeated = False
        self.told = False
        self.phone_hashes = runtime.pseudonymiser.phones(phone)
        self.phone_hash = self.phone_hashes[0]
        self.verified = actor.kind == "RESIDENT" and actor.phone_hash in self.phone_hashes
        if not self.verified and not runtime.allow_unverified and actor.kind != "ACCOUNT":
            raise InvalidInput((Fault(("contact", "phone"), "PHONE_NOT_VERIFIED"),))
        # Judged before the transaction, so that no connection waits for arithmetic.
        self.judged = [self._judge(person) for person in household.people]

    async def take(self) -> Receipt:
        """Writes it and wakes the hubs; or gives the first answer to a repeat."""
        hashes = sorted({found for judged in self.judged for found in judged.hashes})
        async with service_transaction() as connection:
            if self.verified:
                await one_after_another(connection, hashes)
            place = await look_up_place(connection, self.household.address.area_code, self.day, self.disease, hashes)
            if place is None or not place.is_ward:
                raise InvalidInput(place_faults(place))
            submission = self._submission(place)
            people, keys, alerts = self._rows(place)
            # Not for an unproven phone: who typed a wrong number must not open their household to its owner.
            opened_to = grantee(self.actor) if self.verified else None
            letter = self._letter(place, submission)
            if not await write_declaration(connection, submission, people, keys, alerts, opened_to, self.actor, letter):
                self.repeated = True
                return await self._first_answer(connection)
            if faults := await take_evidence(connection, self.actor, self._photos(people, place.area_no)):
                raise InvalidInput(faults)
            called = False
            if alerts:
                names = {row.case_id: one.person.full_name for row, one in zip(people, self.judged, strict=True)}
                raised = raised_of(alerts, place, names, self.phone, self.now)
                called = await call_out(self.runtime, connection, raised, AlertChange.RAISED, self.now)
        self.runtime.meters.declared(len(people))
        if alerts:
            self.runtime.hub.wake()
        if letter or called:
            self.runtime.wake_relay()
        return self._receipt(submission.receipt_code, place, people)

    def _photos(self, rows: list[PersonRow], area_no: int) -> list[Taken]:
        return [
            Taken(photo, row.case_id, row.declaration_id, area_no, ("people", row.position, "evidence", place))
            for row, person in zip(rows, self.household.people, strict=True)
            for place, photo in enumerate(person.evidence)
        ]

    def _judge(self, person: PersonReport) -> _Judged:
        birth = str(person.report.birth_date or person.report.birth_year)
        keys = person_keys(self.runtime.pseudonymiser, self.phone, person.full_name, birth, person.national_id)
        return _Judged(person, assess(person.report, self.day, self.protocol), keys)

    def _letter(self, place: Place, submission: SubmissionRow) -> SealedLetter | None:
        if not self.told:
            return None
        return sealed(self.runtime.sealer, received(self.runtime, self.phone, place, submission))

    def _submission(self, place: Place) -> SubmissionRow:
        id = uuid7()
        contact = self.household.contact
        return SubmissionRow(
            id=id,
            idempotency_key=self.household.idempotency_key,
            body_hash=self.runtime.pseudonymiser.body(self.household.body),
            receipt_code=new_receipt_code(),
            disease=self.disease,
            area_id=place.area_id,
            area_no=place.area_no,
            station_id=place.station_id,
            verified=self.verified,
            phone_hash=self.phone_hash,
            contact=self.runtime.sealer.seal(
                f"submission:{id}",
                {
                    "phone": self.phone,
                    "email": contact.email,
                    "declared_by": contact.declared_by,
                    "street": self.household.address.street,
                },
            ),
            submitted_at=self.now,
            day=self.day,
            account_id=self.actor.account_id,
            actor=self.actor.kind,
        )

    def _rows(self, place: Place) -> tuple[list[PersonRow], list[tuple[str, UUID]], list[AlertRow]]:
        people: list[PersonRow] = []
        keys: list[tuple[str, UUID]] = []
        taken = {found.hash for found in place.known}
        alerts: list[AlertRow] = []
        for position, judged in enumerate(self.judged):
            known = [found for found in place.known if found.hash in judged.hashes]
            joined = case_to_join(known, place, self.phone_hashes) if self.verified else None
            row = self._person(position, judged, known, joined)
            people.append(row)
            # A key that leads to somebody under an older hash is taken: a second row would make two persons of one.
            keys += [(key[0], row.person_id) for key in judged.keys if taken.isdisjoint(key)]
            alerts += alerts_of(row, judged.assessment, joined, place, self.protocol, self.now)
        return people, keys, alerts

    def _person(self, position: int, judged: _Judged, known: list[Known], joined: Known | None) -> PersonRow:
        found, person = judged.assessment, judged.person
        declaration_id = uuid7()
        case_id = joined.case_id if joined and joined.case_id else uuid7()
        # An unverified report makes a person of its own: typing somebody's number must not reach into their history.
        recognised = person_of([joined] if joined else known, self.phone_hashes) if self.verified else None
        return PersonRow(
            declaration_id=declaration_id,
            position=position,
            case_id=case_id,
            person_id=recognised or uuid7(),
            new_case=joined is None,
            new_person=recognised is None,
            possible_duplicate=joined is None and any(one.open for one in known),
            identity=self._identity(case_id, person) if joined is None else b"",
            sex=person.sex,
            age_band=age_band(person.report.birth_date, person.report.birth_year, self.day),
            severe=found.severe,
            high_risk=found.high_risk,
            danger=found.danger,
            rank=rank_of(found),
            report=self.runtime.sealer.seal(f"declaration:{declaration_id}", to_record(person)),
            assessment_id=uuid7(),
            reasons=_reasons(found),
            missing=orjson.dumps([[one.criterion, one.value_code] for one in found.missing]).decode(),
            age_from_year=found.age_from_year,
            protocol=found.protocol,
            # Of a case that its station has confirmed there is nothing left to settle.
            state=DeclarationState.ACCEPTED if joined and joined.confirmed else DeclarationState.SUBMITTED,
        )

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

    def _receipt(self, code: str, place: Place, rows: list[PersonRow]) -> Receipt:
        people = tuple(
            DeclaredPerson(
                id=row.declaration_id,
                case_id=row.case_id,
                state=DeclarationState.SUBMITTED,
                # The same for a case that was joined: a receipt never tells what was known before.
                case_state=CaseState.SUSPECTED,
                assessment=judged.assessment,
            )
            for row, judged in zip(rows, self.judged, strict=True)
        )
        return Receipt(
            code=code,
            submitted_at=self.now,
            area_name=place.name,
            station=ReceiptStation(place.station_name, place.station_phone) if place.station_name else None,
            people=people,
            advice=household_advice(self.protocol, people),
        )

    async def _first_answer(self, connection: AsyncpgDBClient) -> Receipt:
        found = await first_answer(self.runtime, self.household, connection)
        if found is None:
            raise RuntimeError("a key that was taken a moment ago is nobody's")
        return found


def _reasons(found: Assessment) -> str:
    return orjson.dumps([[reason.code, reason.value] for reason in found.reasons]).decode()
