"""What the tests at the end of an isolation mean for it: whether it may end, and from which day."""

from collections.abc import Sequence
from datetime import date, datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from models.case import Case
from models.release_test import ReleaseTest
from models.state import CaseEventKind, CaseState, TestResult
from services.change_case import advance, note
from services.merged_cases import with_merged
from services.problem import InvalidInput
from services.runtime import Runtime
from triage.fault import Fault
from triage.release import EndTest, Release, release


def check_test(runtime: Runtime, case: Case, kind: str, taken_on: date, now: datetime) -> None:
    """Raises InvalidInput for a kind of test that the protocol does not know, and for a day that cannot be."""
    today = runtime.clock.day(now)
    protocol = runtime.protocols.judging(case.disease, today)
    faults = []
    if protocol is None or kind not in protocol.test_codes:
        # Not what was typed: only what a protocol knows is ever said back.
        faults.append(Fault(("kind",), "UNKNOWN_CODE", {"code": kind[:32]}))
    if taken_on > today:
        faults.append(Fault(("taken_on",), "IN_FUTURE", {"latest": today}))
    elif case.test_on is not None and taken_on < case.test_on:
        faults.append(Fault(("taken_on",), "BEFORE_FIRST_TEST", {"earliest": case.test_on}))
    if faults:
        raise InvalidInput(tuple(faults))


async def tests_of(connection: AsyncpgDBClient, case: Case) -> list[ReleaseTest]:
    """The tests of a case and of those that rest in it which nobody has refused, oldest first; the caller has read
    the case by scope."""
    whole = await with_merged(connection, [case.id])
    found = ReleaseTest.filter(case_id__in=whole, refused_at__isnull=True)
    return await found.order_by("taken_on", "sent_at", "id").using_db(connection)


def judged(runtime: Runtime, case: Case, tests: Sequence[ReleaseTest], now: datetime) -> Release | None:
    """Whether the case's isolation may end; None where it was never confirmed, or its disease has no rules any more."""
    if case.test_on is None:
        return None
    protocol = runtime.protocols.judging(case.disease, runtime.clock.day(now))
    if protocol is None:
        return None
    counting = [
        EndTest(test.taken_on, test.result == TestResult.NEGATIVE, test.verified_at is not None) for test in tests
    ]
    return release(protocol.isolation, case.test_on, case.vaccine_doses, counting, runtime.clock.day(now))


async def weigh(runtime: Runtime, connection: AsyncpgDBClient, actor: Actor, case: Case, now: datetime) -> None:
    """Takes what a test has just shown into the case: its `release_on`, and a longer isolation where it was positive.

    The caller has locked the case and saves it afterwards.
    """
    found = judged(runtime, case, await tests_of(connection, case), now)
    if found is None:
        return
    if found.possible or found.missing == "STILL_POSITIVE":
        case.release_on = found.from_day
    if found.missing == "STILL_POSITIVE" and case.state == CaseState.RELEASE_DUE:
        advance(case, "EXTEND", now)
        detail = {"release_on": found.from_day.isoformat()}
        await note(connection, runtime.sealer, actor, case, CaseEventKind.EXTENDED, now, detail=detail)
