"""Recording a test: staff has done or watched the test at the end of an isolation."""

from datetime import date
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.database import staff_transaction
from models.release_test import ReleaseTest
from models.state import CaseEventKind, TestResult
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.problem import NotFound
from services.runtime import Runtime
from services.weigh_tests import check_test, weigh


async def record_release_test(
    runtime: Runtime,
    actor: Actor,
    case_id: UUID,
    kind: str,
    taken_on: date,
    result: TestResult,
    version: int | None = None,
) -> ReleaseTest:
    """Adds a test that counts at once, for staff has done or supervised it; the same one again changes nothing.

    A positive one makes an isolation that was due to end longer. Raises InvalidInput, Conflict (WRONG_STATE,
    STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.RELEASE_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        seen = visible(actor, ReleaseTest, connection)
        same = await seen.filter(
            case_id=case_id, kind=kind, taken_on=taken_on, result=result, sent_by=actor.account_id, refused_at=None
        ).first()
        if same is not None:
            return same
        case = await locked_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        check_test(runtime, case, kind, taken_on, now)
        before = advance(case, "TEST", now)
        test = await ReleaseTest.create(
            using_db=connection,
            case_id=case.id,
            area_no=case.area_no,
            kind=kind,
            taken_on=taken_on,
            result=result,
            supervised=True,
            sent_at=now,
            sent_by=actor.account_id,
            verified_at=now,
            verified_by=actor.account_id,
        )
        detail = {"kind": kind, "taken_on": taken_on.isoformat(), "result": result.value}
        await note(
            connection, runtime.sealer, actor, case, CaseEventKind.TEST_VERIFIED, now, subject=test.id, detail=detail
        )
        await weigh(runtime, connection, actor, case, now)
        await save_case(connection, case, "release_on")
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        await record(connection, actor, "record_release_test", now, [str(case.id)], area_no=case.area_no)
    return test
