"""Claiming a receipt: what was declared before the code had arrived is opened to the phone that it names."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import grantee
from access.policy import Action, may
from access.trail import record
from models.database import service_transaction
from models.declaration import Submission
from models.identifier import uuid7
from services.limit_rules import Rule
from services.problem import NotFound
from services.receipt_code import read_receipt_code
from services.runtime import Runtime

# A grant that was ended stays so: only what was never opened is opened here.
_GRANT = """
INSERT INTO case_grant (id, case_id, declaration_id, grantee, kind, granted_at)
SELECT n.id, d.case_id, d.id, $3, 'RESIDENT', $4
FROM unnest($1::uuid[], $2::uuid[]) AS n (id, declaration_id) JOIN declaration d ON d.id = n.declaration_id
  JOIN illness_case c ON c.id = d.case_id AND c.anonymised_at IS NULL
ON CONFLICT (grantee, case_id, (coalesce(declaration_id, case_id))) DO NOTHING
"""
_DECLARATIONS = "SELECT id FROM declaration WHERE submission_id = $1 ORDER BY position"


async def claim_receipt(runtime: Runtime, actor: Actor, code: str) -> list[UUID]:
    """Opens what a receipt is for to the resident whose proven phone it names; the declarations, in their order.

    Claiming again is the same answer. Raises NotFound for a code that was never given and for one of another phone:
    whoever has found a slip of paper cannot tell which. TooManyRequests for whoever tries one after another.
    """
    if not may(actor, Action.CLAIM_RECEIPT) or grantee(actor) is None:
        raise NotFound
    await runtime.limits.check(Rule.RECEIPT_BY_ADDRESS, actor.origin)
    now = runtime.clock.now()
    # The service's login, for nothing of it is within the resident's bounds yet: narrowed by code and phone below.
    async with service_transaction() as connection:
        stored = read_receipt_code(code)
        found = await Submission.get_or_none(receipt_code=stored or "", anonymised_at=None, using_db=connection)
        declarations = await _claim(runtime, connection, actor, found, now) if found else None
        done = "claim_receipt_refused" if declarations is None else "claim_receipt"
        await record(connection, actor, done, now, [str(found.id)] if found else [])
    # Outside, so that the refusal stays in the audit.
    if declarations is None:
        await runtime.limits.miss(Rule.RECEIPT_BY_ADDRESS, actor.origin)
        raise NotFound
    return declarations


async def _claim(
    runtime: Runtime, connection: AsyncpgDBClient, actor: Actor, submission: Submission, now: datetime
) -> list[UUID] | None:
    contact = runtime.sealer.open(f"submission:{submission.id}", submission.contact)
    # From the number itself: the submission and the session may have been hashed under different keys.
    if actor.phone_hash not in runtime.pseudonymiser.phones(str(contact["phone"])):
        return None
    _, rows = await connection.execute_query(_DECLARATIONS, [submission.id])
    declarations: list[UUID] = [row["id"] for row in rows]
    await connection.execute_query(_GRANT, [[uuid7() for _ in declarations], declarations, grantee(actor), now])
    return declarations
