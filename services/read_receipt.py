"""Reading a receipt again: for the sender of a repeat, or for anybody who holds its code."""

from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.visible import taken_as_it_came
from models.area import Area
from models.case import Assessment as StoredAssessment
from models.case import Case
from models.database import service_transaction
from models.declaration import Declaration, Submission
from models.state import CaseState, DeclarationState
from models.station import Station
from services.limit_rules import Rule
from services.own_case import opened_from
from services.problem import NotFound
from services.receipt import DeclaredPerson, Receipt, ReceiptStation, ReceiptStatus
from services.receipt_code import read_receipt_code
from services.runtime import Runtime
from triage.assessment import Assessment, Missing, Reason
from triage.protocol import Protocol
from triage.rules import OTHERWISE
from triage.words import Text


async def read_receipt(runtime: Runtime, origin: str | None, code: str) -> ReceiptStatus:
    """Where a receipt stands. The code itself is what entitles; it opens nothing of the person or the assessment.

    `origin` is the keyed hash of where the request came from, None where that is not known.
    Raises NotFound for a code that was never given, or whose check character does not fit; TooManyRequests for whoever
    tries one after another.
    """
    await runtime.limits.check(Rule.RECEIPT_BY_ADDRESS, origin)
    try:
        return await _read(runtime, code)
    except NotFound:
        await runtime.limits.miss(Rule.RECEIPT_BY_ADDRESS, origin)
        raise


async def _read(runtime: Runtime, code: str) -> ReceiptStatus:
    stored = read_receipt_code(code)
    if stored is None:
        raise NotFound
    async with service_transaction() as connection:
        submission = await Submission.get_or_none(receipt_code=stored, anonymised_at=None, using_db=connection)
        if submission is None:
            raise NotFound
        declarations = await _declarations(submission.id, connection)
        area_name, station = await _place(submission, connection)
        cases = await _own_cases(connection, submission, [row.case_id for row in declarations])
    protocol = runtime.protocols.judging(submission.disease, runtime.clock.day(submission.submitted_at))
    return ReceiptStatus(
        code=stored,
        submitted_at=submission.submitted_at,
        area_name=area_name,
        station=station,
        # Whoever holds the code must not learn from it that somebody else's case was confirmed before.
        states=tuple(
            DeclarationState.SUBMITTED if taken_as_it_came(row) else DeclarationState(row.state) for row in declarations
        ),
        advice=_advice(protocol),
        next_check_in_due=min((case.check_in_due for case in cases.values() if case.check_in_due), default=None),
        release_on=tuple(cases[row.case_id].release_on if row.case_id in cases else None for row in declarations),
    )


async def rebuild_receipt(runtime: Runtime, submission: Submission, connection: AsyncpgDBClient) -> Receipt:
    """The receipt of a submission as it was first given, for a repeat of the same request."""
    declarations = await _declarations(submission.id, connection)
    rows = await StoredAssessment.filter(declaration_id__in=[row.id for row in declarations]).using_db(connection)
    stored = {row.declaration_id: row for row in rows}
    area_name, station = await _place(submission, connection)
    people = tuple(
        DeclaredPerson(
            id=row.id,
            case_id=row.case_id,
            state=DeclarationState.SUBMITTED,
            case_state=CaseState.SUSPECTED,
            assessment=assessment_of(runtime, stored[row.id]),
        )
        for row in declarations
    )
    protocol = runtime.protocols.version(people[0].assessment.protocol)
    return Receipt(
        code=submission.receipt_code,
        submitted_at=submission.submitted_at,
        area_name=area_name,
        station=station,
        people=people,
        advice=household_advice(protocol, people),
    )


def assessment_of(runtime: Runtime, stored: Any) -> Assessment:
    """A stored assessment with its reasons' texts, from the protocol that it was judged by."""
    protocol = runtime.protocols.version(stored.protocol)
    reasons = []
    for code, value in stored.reasons:
        criterion = protocol.criterion(code)
        if criterion is not None:
            reasons.append(Reason(code, criterion.text, value, criterion.source))
    return Assessment(
        severe=stored.severe,
        high_risk=stored.high_risk,
        danger=stored.danger.value if stored.danger else None,
        reasons=tuple(reasons),
        missing=tuple(Missing(criterion, value) for criterion, value in stored.missing),
        protocol=stored.protocol,
        age_from_year=stored.age_from_year,
    )


def household_advice(protocol: Protocol, people: tuple[DeclaredPerson, ...]) -> Text:
    """What the household should do now: the advice for whoever is in the greatest danger."""
    order = {"RED": 0, "AMBER": 1}
    worst = min(
        (person.assessment for person in people),
        key=lambda found: order.get(found.danger or "", 2 if found.high_risk else 3),
    )
    return protocol.advice_for(worst.danger, worst.high_risk)


async def _declarations(submission_id: UUID, connection: AsyncpgDBClient) -> list[Declaration]:
    return await Declaration.filter(submission_id=submission_id).order_by("position").using_db(connection)


async def _own_cases(connection: AsyncpgDBClient, submission: Submission, case_ids: list[UUID]) -> dict[UUID, Case]:
    """Of these cases those that were opened from the household's phone, each as the one that goes on for it stands.

    Of another phone's it must not be learnt that a station has confirmed it.
    """
    ends = await opened_from(connection, submission.phone_hash, case_ids)
    found = {case.id: case for case in await Case.filter(id__in=list(ends.values())).using_db(connection)}
    return {id: found[end] for id, end in ends.items()}


async def _place(submission: Submission, connection: AsyncpgDBClient) -> tuple[str, ReceiptStation | None]:
    area = await Area.get(id=submission.area_id, using_db=connection)
    station = (
        await Station.get_or_none(id=submission.station_id, using_db=connection) if submission.station_id else None
    )
    return area.name, ReceiptStation(station.name, station.phone) if station else None


def _advice(protocol: Protocol | None) -> Text:
    if protocol is None:
        raise NotFound
    return protocol.advice[OTHERWISE]
