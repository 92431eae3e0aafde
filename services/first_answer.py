"""The answer that a request was given before, for whoever sends it again under its key."""

from datetime import date

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.database import service_transaction
from models.declaration import Submission
from services.declaration_place import Sought, look_up_place, place_faults
from services.household import HouseholdReport
from services.problem import Conflict, Current, InvalidInput
from services.read_receipt import rebuild_receipt
from services.receipt import Receipt
from services.runtime import Runtime
from triage.fault import Fault


async def first_answer(runtime: Runtime, household: HouseholdReport, connection: AsyncpgDBClient) -> Receipt | None:
    """The receipt of this same request; None where its key is new. Raises Conflict where it was another request's."""
    first = await Submission.get_or_none(idempotency_key=household.idempotency_key, using_db=connection)
    if first is None:
        return None
    if not runtime.pseudonymiser.is_body(first.body_hash, household.body):
        raise Conflict("IDEMPOTENCY_KEY_REUSED", Current("RECEIPT", None))
    return await rebuild_receipt(runtime, first, connection)


async def answered_before(runtime: Runtime, household: HouseholdReport, faults: tuple[Fault, ...]) -> Receipt | None:
    """The same in a look of its own; None also for another request under the key."""
    # What cannot be a key was never one: there is nothing to look up, and no column that would hold it.
    if any(fault.path == ("idempotency_key",) for fault in faults):
        return None
    # The service's login, for a sender without an account: narrowed to the one key, and to whoever has the body too.
    async with service_transaction() as connection:
        try:
            return await first_answer(runtime, household, connection)
        except Conflict:
            return None


async def first_answer_or_refusal(
    runtime: Runtime, household: HouseholdReport, faults: tuple[Fault, ...], day: date
) -> Receipt:
    """For a household with faults: raises InvalidInput with them and the one that only the database knows.

    What was once taken stays taken: its repeat gets the first answer, also when its test has grown too old meanwhile.
    """
    if answered := await answered_before(runtime, household, faults):
        return answered
    if any(fault.path == ("address", "area_code") for fault in faults):
        raise InvalidInput(faults)
    async with service_transaction() as connection:
        place = await look_up_place(connection, Sought(household.address.area_code.strip(), day, runtime.disease, ()))
    raise InvalidInput(faults + place_faults(place))
