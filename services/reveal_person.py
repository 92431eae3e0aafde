"""Revealing a person: whoever sees alerts without names is told one, for a reason that stays in the audit."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action
from access.trail import record
from access.visible import scope
from models.case import Case
from models.database import staff_transaction
from services.identify import Identity, opened
from services.limit_rules import Rule
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.fault import Fault

REASON_LENGTH = 500
REASON_LETTERS = 10


async def reveal_person(runtime: Runtime, actor: Actor, case_id: UUID, reason: str) -> Identity:
    """Who a case of the actor's areas is about. The reason is sealed in the line that says who was revealed to whom.

    The line is in the same transaction: whoever cannot be put on record is shown nobody. Raises InvalidInput for a
    reason that says nothing, NotFound, also where nobody is left to see, and TooManyRequests.
    """
    where = scope(actor, Action.REVEAL_PERSON)
    if where.empty:
        raise NotFound
    if faults := [*text_faults(("reason",), reason, REASON_LENGTH), *_too_short(reason)]:
        raise InvalidInput(tuple(faults))
    account = None if actor.account_id is None else str(actor.account_id)
    # Also of cases that are not there: who asks for one after another is looking for somebody.
    await runtime.limits.hit(Rule.REVEAL_BY_ACCOUNT, account)
    async with staff_transaction(bounds_of(actor, Action.REVEAL_PERSON)) as connection:
        case = await Case.get_or_none(
            id=case_id, area_no__gte=where.lo, area_no__lte=where.hi, anonymised_at=None, using_db=connection
        )
        if case is None:
            raise NotFound
        person = opened(runtime, case)
        await record(
            connection,
            actor,
            "reveal_person",
            runtime.clock.now(),
            [str(case.id)],
            area_no=case.area_no,
            why=reason,
            sealer=runtime.sealer,
        )
    return person


def _too_short(reason: str) -> list[Fault]:
    letters = sum(character.isalpha() for character in reason)
    if not reason.strip() or letters >= REASON_LETTERS:
        return []
    return [Fault(("reason",), "TOO_FEW_LETTERS", {"minimum": REASON_LETTERS})]
