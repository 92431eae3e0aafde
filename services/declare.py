"""Declaring: a household says who is ill; triage judges at once; the station hears at once."""

from access.actor import Actor
from access.policy import Action, may
from services.check_household import check_household
from services.declaration_order import DeclarationOrder
from services.declare_tries import DeclareTries
from services.first_answer import answered_before, first_answer_or_refusal
from services.household import HouseholdReport
from services.problem import InvalidInput, NotFound, TooManyRequests
from services.receipt import Receipt
from services.runtime import Runtime
from services.tell_resident import may_tell
from services.write_declarations import write_alone, write_together
from triage.fault import Fault


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
    order = DeclarationOrder(runtime, actor, household, protocol, disease, checked.phone, now, day)
    order.told = await may_tell(runtime, order.phone_hash, order.verified)
    receipt = await runtime.declaring.take(order, write_alone, write_together)
    if order.repeated:
        await tries.give_back()
    return receipt
