"""Declaring for somebody: who calls a station has a declaration like everybody's, with the account that entered it."""

from access.actor import Actor
from access.policy import Action, may
from services.declare import declare
from services.household import HouseholdReport
from services.problem import NotFound
from services.receipt import Receipt
from services.runtime import Runtime


async def declare_for(runtime: Runtime, actor: Actor, household: HouseholdReport) -> Receipt:
    """Takes a household's declaration from a member of staff, in whichever ward the household lives.

    It counts as unproven, for nobody has shown that the phone is theirs. Raises what `declare` raises, and NotFound for
    a role that handles no declarations.
    """
    if actor.kind != "ACCOUNT" or not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    return await declare(runtime, actor, household)
