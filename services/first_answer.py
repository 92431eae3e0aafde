"""The answer that a request was given before, for whoever sends it again under its key."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.database import service_transaction
from models.declaration import Submission
from services.household import HouseholdReport
from services.problem import Conflict, Current
from services.read_receipt import rebuild_receipt
from services.receipt import Receipt
from services.runtime import Runtime


async def first_answer(runtime: Runtime, household: HouseholdReport, connection: AsyncpgDBClient) -> Receipt | None:
    """The receipt of this same request; None where its key is new. Raises Conflict where it was another request's."""
    first = await Submission.get_or_none(idempotency_key=household.idempotency_key, using_db=connection)
    if first is None:
        return None
    if not runtime.pseudonymiser.is_body(first.body_hash, household.body):
        raise Conflict("IDEMPOTENCY_KEY_REUSED", Current("RECEIPT", None))
    return await rebuild_receipt(runtime, first, connection)


async def answered_before(runtime: Runtime, household: HouseholdReport) -> Receipt | None:
    """The same in a look of its own; None also for another request under the key."""
    # The service's login, for a sender without an account: narrowed to the one key, and to whoever has the body too.
    async with service_transaction() as connection:
        try:
            return await first_answer(runtime, household, connection)
        except Conflict:
            return None
