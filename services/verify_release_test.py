"""Verifying a test that a resident has sent, or refusing it."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.case import Case
from models.database import staff_transaction
from models.release_test import ReleaseTest
from models.state import CaseEventKind
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.merged_cases import families
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.runtime import Runtime
from services.text_faults import text_faults
from services.weigh_tests import weigh

_LONGEST_REASON = 500


async def verify_release_test(runtime: Runtime, actor: Actor, test_id: UUID, version: int | None = None) -> ReleaseTest:
    """Says that staff has seen the test, in person or from afar, and that it is what was sent: from now on it counts.

    A positive one makes an isolation that was due to end longer. `version` is the case's. Verifying again changes
    nothing. Raises Conflict (TEST_REFUSED, WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.RELEASE_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        test, case = await _locked(connection, actor, test_id, version)
        if test.verified_at is not None:
            return test
        if test.refused_at is not None:
            raise Conflict("TEST_REFUSED", Current("CASE", case.id))
        now = runtime.clock.now()
        before = advance(case, "TEST", now)
        test.verified_at, test.verified_by, test.supervised = now, actor.account_id, True
        await test.save(using_db=connection, update_fields=["verified_at", "verified_by", "supervised"])
        detail = {"kind": test.kind, "taken_on": test.taken_on.isoformat(), "result": test.result.value}
        await note(
            connection, runtime.sealer, actor, case, CaseEventKind.TEST_VERIFIED, now, subject=test.id, detail=detail
        )
        await weigh(runtime, connection, actor, case, now)
        await save_case(connection, case, "release_on")
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        await record(connection, actor, "verify_release_test", now, [str(case.id)], area_no=case.area_no)
    return test


async def refuse_release_test(
    runtime: Runtime, actor: Actor, test_id: UUID, reason: str, version: int | None = None
) -> ReleaseTest:
    """Says that the test does not count, and why: no name on it, another day's, not to be read.

    Refusing again changes nothing. Raises InvalidInput, Conflict (TEST_VERIFIED, WRONG_STATE, STALE_VERSION) and
    NotFound.
    """
    if not may(actor, Action.RELEASE_CASE):
        raise NotFound
    words = given_reason(reason)
    async with staff_transaction(bounds_of(actor)) as connection:
        test, case = await _locked(connection, actor, test_id, version)
        if test.refused_at is not None:
            return test
        if test.verified_at is not None:
            raise Conflict("TEST_VERIFIED", Current("CASE", case.id))
        now = runtime.clock.now()
        before = advance(case, "TEST", now)
        test.refused_at = now
        await test.save(using_db=connection, update_fields=["refused_at"])
        await save_case(connection, case)
        detail = {"refused": True, "reason": words}
        await note(connection, runtime.sealer, actor, case, CaseEventKind.TESTED, now, subject=test.id, detail=detail)
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        await record(connection, actor, "refuse_release_test", now, [str(case.id)], area_no=case.area_no)
    return test


def given_reason(text: str) -> str:
    """What somebody gives as a reason, without the blanks around it. Raises InvalidInput."""
    words = text.strip()
    if faults := tuple(text_faults(("reason",), words, _LONGEST_REASON)):
        raise InvalidInput(faults)
    return words


async def _locked(
    connection: AsyncpgDBClient, actor: Actor, test_id: UUID, version: int | None
) -> tuple[ReleaseTest, Case]:
    found = await visible(actor, ReleaseTest, connection).get_or_none(id=test_id)
    if found is None:
        raise NotFound
    # What the resident of a case that rests in another has sent is a test of the one that goes on.
    goes_on = (await families(connection, [found.case_id]))[found.case_id]
    case = await locked_case(connection, actor, goes_on, version)
    # Read again under the case's lock: two who decide at once take turns, and the second sees what the first did.
    return await visible(actor, ReleaseTest, connection).get(id=test_id), case
