"""Sending a test: a resident reports the test at the end of an isolation, which staff then verifies."""

from datetime import date
from uuid import UUID

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from models.database import service_transaction
from models.release_test import ReleaseTest
from models.state import CaseEventKind, TestResult
from services.change_case import advance, note, save_case
from services.own_case import goes_on_for, own_case
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from services.take_evidence import Taken, take_evidence
from services.weigh_tests import check_test


async def send_release_test(
    runtime: Runtime,
    actor: Actor,
    declaration_id: UUID,
    kind: str,
    taken_on: date,
    result: TestResult,
    evidence_id: UUID | None = None,
) -> ReleaseTest:
    """Adds the test to the case that the declaration belongs to; the same one again is the first answer.

    Where that case was merged, it is a test of the one that goes on, and stays a row of the resident's own. It counts
    for nothing until staff has verified it; `evidence_id` is an uploaded photo of it. Raises InvalidInput,
    Conflict (WRONG_STATE), and NotFound for what the resident's phone has not declared.
    """
    if not may(actor, Action.CHECK_IN):
        raise NotFound
    # The service's login, which has no bounds: `own_case` narrows it to what this phone has declared.
    async with service_transaction() as connection:
        own = await own_case(connection, actor, declaration_id, locked=True)
        case = await goes_on_for(connection, own)
        now = runtime.clock.now()
        check_test(runtime, case, kind, taken_on, now)
        same = ReleaseTest.filter(
            case_id=own.id, kind=kind, taken_on=taken_on, result=result, sent_by__isnull=True, refused_at__isnull=True
        )
        sent = await same.using_db(connection).first()
        if sent is not None:
            return sent
        if evidence_id is not None:
            photo = Taken(evidence_id, own.id, declaration_id, own.area_no, ("evidence",))
            if faults := await take_evidence(connection, actor, [photo]):
                raise InvalidInput(faults)
        advance(case, "TEST", now)
        test = await ReleaseTest.create(
            using_db=connection,
            case_id=own.id,
            area_no=own.area_no,
            kind=kind,
            taken_on=taken_on,
            result=result,
            supervised=False,
            evidence_id=evidence_id,
            sent_at=now,
        )
        await save_case(connection, case)
        detail = {"kind": kind, "taken_on": taken_on.isoformat(), "result": result.value}
        await note(connection, runtime.sealer, actor, case, CaseEventKind.TESTED, now, subject=test.id, detail=detail)
        await record(connection, actor, "send_release_test", now, [str(case.id)], area_no=case.area_no)
    return test
