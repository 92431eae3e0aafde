"""Telling residents by text what became of what they declared: no more than they could ask for, and without a name."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from alerts import outbox
from alerts.outbox import Letter, Priority
from models.area import Area
from models.case import Case
from models.declaration import Declaration, Submission
from models.state import MessageKind
from models.station import Station
from services.declaration_place import Place
from services.declaration_write import SubmissionRow
from services.limit_rules import Rule
from services.problem import TooManyRequests
from services.runtime import Runtime

_RECEIVED_USEFUL = timedelta(hours=12)
_OUTCOME_USEFUL = timedelta(hours=48)

# The first report of each case: whose phone the case has.
_FIRST_REPORTS = """
SELECT u.case_id, f.receipt_code, f.position, a.name AS ward, t.phone AS station
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS u (case_id, area_id, station_id)
  JOIN area a ON a.id = u.area_id LEFT JOIN station t ON t.id = u.station_id
  LEFT JOIN LATERAL (SELECT s.receipt_code, d.position FROM declaration d JOIN submission s ON s.id = d.submission_id
    WHERE d.case_id = u.case_id ORDER BY d.submitted_at, d.position LIMIT 1) AS f ON true
"""

logger = structlog.get_logger(__name__)


async def may_tell(runtime: Runtime, phone_hash: str, verified: bool) -> bool:
    """Whether a phone gets a text that something was received. Ask it outside of transactions.

    One that nobody has proven gets few: whoever likes could type a stranger's number again and again.
    """
    if not runtime.residents_told or verified:
        return runtime.residents_told
    try:
        await runtime.limits.hit(Rule.TEXT_TO_UNPROVEN_PHONE, phone_hash)
    except TooManyRequests:
        return False
    return True


def received(runtime: Runtime, phone: str, place: Place, submission: SubmissionRow) -> Letter:
    """What tells a household that its declaration has arrived."""
    words = {
        "code": _told(submission.receipt_code, submission.verified),
        "ward": place.name,
        "station": place.station_phone,
    }
    body = runtime.wording.body(MessageKind.RECEIVED, words)
    until = submission.submitted_at + _RECEIVED_USEFUL
    return Letter(MessageKind.RECEIVED, Priority.STATUS, phone, body, until, submission.id)


async def tell_outcome(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, kind: MessageKind, now: datetime
) -> bool:
    """Writes the text of a case's new state to the phone that declared it, in the caller's transaction.

    Whether one was written: then the caller wakes the relay after the commit. The caller has seen the case by its
    scope; nobody is shown what is unsealed here.
    """
    return await tell_outcomes(runtime, connection, [case], kind, now)


async def tell_outcomes(
    runtime: Runtime, connection: AsyncpgDBClient, cases: Sequence[Case], kind: MessageKind, now: datetime
) -> bool:
    """The same of many cases that have come to the same state; whether any text was written."""
    phones = {case.id: phone for case in cases if runtime.residents_told and (phone := _phone_of(runtime, case))}
    told = [case for case in cases if case.id in phones]
    if not told:
        return False
    places = [[case.id for case in told], [case.area_id for case in told], [case.station_id for case in told]]
    _, rows = await connection.execute_query(_FIRST_REPORTS, places)
    reports = {row["case_id"]: dict(row) for row in rows}
    letters = []
    for case in told:
        found = reports.get(case.id, {})
        words = {
            "code": _told(found.get("receipt_code"), case.verified),
            "person": str(found["position"] + 1) if found.get("position") is not None else None,
            "ward": found.get("ward"),
            "station": found.get("station"),
        }
        body = runtime.wording.body(kind, words)
        letters.append(Letter(kind, Priority.STATUS, phones[case.id], body, now + _OUTCOME_USEFUL, case.id))
    await outbox.put_all(connection, runtime.sealer, letters, now)
    return True


def _phone_of(runtime: Runtime, case: Case) -> str | None:
    if not case.identity:
        return None
    try:
        phone = runtime.sealer.open(f"case:{case.id}", case.identity).get("phone")
    except UnsealError:
        # What a station decides must not hang on a text that cannot be sent.
        logger.warning("resident_not_told", case=str(case.id))
        return None
    return phone if isinstance(phone, str) and phone else None


async def tell_declarer(
    runtime: Runtime, connection: AsyncpgDBClient, declaration: Declaration, kind: MessageKind, now: datetime
) -> bool:
    """Writes the text about one report to the phone that has sent it, which may be another than the case's.

    Whether one was written: then the caller wakes the relay after the commit. The caller has seen the declaration by
    its scope; nobody is shown what is unsealed here.
    """
    submission = await Submission.get_or_none(id=declaration.submission_id, using_db=connection)
    if not runtime.residents_told or submission is None or not submission.contact:
        return False
    try:
        phone = runtime.sealer.open(f"submission:{submission.id}", submission.contact).get("phone")
    except UnsealError:
        logger.warning("resident_not_told", declaration=str(declaration.id))
        return False
    if not isinstance(phone, str) or not phone:
        return False
    area = await Area.get_or_none(id=declaration.area_id, using_db=connection)
    station = await Station.get_or_none(id=declaration.station_id, using_db=connection)
    words = {
        "code": _told(submission.receipt_code, submission.verified),
        "person": str(declaration.position + 1),
        "ward": area.name if area else None,
        "station": station.phone if station else None,
    }
    body = runtime.wording.body(kind, words)
    letter = Letter(kind, Priority.STATUS, phone, body, now + _OUTCOME_USEFUL, declaration.case_id)
    await outbox.put(connection, runtime.sealer, letter, now)
    return True


def _told(receipt_code: str | None, verified: bool) -> str | None:
    # A code and the phone it was given for open a household's declarations: it must not go to a number that somebody
    # may have mistyped, whose owner would then hold both.
    return receipt_code if verified else None
