"""Telling residents by text what became of what they declared: no more than they could ask for, and without a name."""

from datetime import datetime, timedelta

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from alerts import outbox
from alerts.outbox import Letter, Priority
from models.case import Case
from models.state import MessageKind
from services.declaration_place import Place
from services.declaration_write import SubmissionRow
from services.limit_rules import Rule
from services.problem import TooManyRequests
from services.runtime import Runtime

_RECEIVED_USEFUL = timedelta(hours=12)
_OUTCOME_USEFUL = timedelta(hours=48)

# The first report of the case: whose phone the case has.
_FIRST_REPORT = """
SELECT s.receipt_code, d.position, a.name AS ward, t.phone AS station
FROM area a LEFT JOIN station t ON t.id = $3
  LEFT JOIN (declaration d JOIN submission s ON s.id = d.submission_id) ON d.case_id = $1
WHERE a.id = $2 ORDER BY d.submitted_at, d.position LIMIT 1
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
    if not runtime.residents_told or not case.identity:
        return False
    try:
        phone = runtime.sealer.open(f"case:{case.id}", case.identity).get("phone")
    except UnsealError:
        # What a station decides must not hang on a text that cannot be sent.
        logger.warning("resident_not_told", case=str(case.id))
        return False
    if not isinstance(phone, str) or not phone:
        return False
    _, rows = await connection.execute_query(_FIRST_REPORT, [case.id, case.area_id, case.station_id])
    found = dict(rows[0]) if rows else {}
    words = {
        "code": _told(found.get("receipt_code"), case.verified),
        "person": str(found["position"] + 1) if found.get("position") is not None else None,
        "ward": found.get("ward"),
        "station": found.get("station"),
    }
    body = runtime.wording.body(kind, words)
    letter = Letter(kind, Priority.STATUS, phone, body, now + _OUTCOME_USEFUL, case.id)
    await outbox.put(connection, runtime.sealer, letter, now)
    return True


def _told(receipt_code: str | None, verified: bool) -> str | None:
    # A code and the phone it was given for open a household's declarations: it must not go to a number that somebody
    # may have mistyped, whose owner would then hold both.
    return receipt_code if verified else None
