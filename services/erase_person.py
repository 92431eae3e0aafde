"""Erasing a person at their wish: all their cases become anonymous, with a reason that stays in the audit."""

from uuid import UUID

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.alert import Alert
from models.case import Case
from models.database import service_transaction
from models.state import OPEN_ALERT_STATES
from services.anonymise import anonymise, lock_persons
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.fault import Fault
from triage.lifecycle import ALERT

REASON_LENGTH = 500
REASON_WORDS = 3


async def erase_person(runtime: Runtime, actor: Actor, case_id: UUID, reason: str) -> list[UUID]:
    """Makes every case of this case's person anonymous, within the actor's jurisdiction; the cases, oldest first.

    Erasing again is the same answer. Raises InvalidInput for a reason that says nothing, NotFound, and Conflict
    (WRONG_STATE, with the alert's state and what it allows) while an alert of the person is open: whoever answers it
    must know whom to call.
    """
    if not may(actor, Action.ERASE_PERSON):
        raise NotFound
    if faults := [*text_faults(("reason",), reason, REASON_LENGTH), *_too_short(reason)]:
        raise InvalidInput(tuple(faults))
    # The service's login: hashes, sessions and messages are in nobody's range. What is erased starts in `visible`.
    async with service_transaction() as connection:
        case = await visible(actor, Case, connection).filter(id=case_id).first()
        if case is None:
            raise NotFound
        of_person = visible(actor, Case, connection).filter(person_id=case.person_id)
        left = await lock_persons(connection, [row.id for row in await of_person])
        # Read again now that nobody can add to them.
        cases = await of_person.order_by("opened_at", "id")
        left += await lock_persons(connection, [row.id for row in cases if row.id not in left])
        open_alert = Alert.filter(case_id__in=left, state__in=OPEN_ALERT_STATES).using_db(connection)
        if alert := await open_alert.order_by("id").first():
            values: dict[str, object] = {"state": alert.state.value, "allowed": ALERT.allowed(alert.state)}
            raise Conflict("WRONG_STATE", Current("CASE", alert.case_id), values)
        now = runtime.clock.now()
        done = await anonymise(runtime, connection, left, now)
        await record(
            connection,
            actor,
            "erase_person",
            now,
            [str(row.id) for row in cases],
            area_no=case.area_no,
            detail={"cases": done.cases, "submissions": done.submissions},
            why=reason,
            sealer=runtime.sealer,
        )
    if done.sessions:
        runtime.hub.wake()
    return [row.id for row in cases]


def _too_short(reason: str) -> list[Fault]:
    words = len(reason.split())
    return [Fault(("reason",), "TOO_FEW_WORDS", {"minimum": REASON_WORDS})] if 0 < words < REASON_WORDS else []
