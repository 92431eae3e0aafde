"""The end of an isolation: tests, and the release."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.case import Case
from graph.schema.evidence_payload import evidence_ids
from graph.schema.release_payload import (
    CaseReleased,
    RecordReleaseTestInput,
    RecordReleaseTestResult,
    RefuseReleaseTestInput,
    RefuseReleaseTestResult,
    ReleaseCaseInput,
    ReleaseCaseResult,
    ReleaseTestTaken,
    SendReleaseTestInput,
    SendReleaseTestResult,
    VerifyReleaseTestInput,
    VerifyReleaseTestResult,
)
from graph.schema.release_test import ReleaseTest
from graph.schema.resolved import mutating
from services.record_release_test import record_release_test
from services.release_case import release_case
from services.send_release_test import send_release_test
from services.verify_release_test import refuse_release_test, verify_release_test


@strawberry.type
class ReleaseMutation:
    """To test and to release."""

    @mutating(
        "Sends the test at the end of an isolation, for somebody whom your phone has declared. It counts once the "
        "station has verified it. The same again changes nothing.",
        Action.CHECK_IN,
    )
    async def send_release_test(self, info: Info, input: SendReleaseTestInput) -> SendReleaseTestResult:
        """The test."""
        (evidence, *_) = evidence_ids([input.evidence]) if input.evidence is not None else (None,)
        row = await send_release_test(
            info.context.runtime,
            info.context.actor,
            uuid_of("Declaration", input.declaration_id),
            input.kind,
            input.taken_on,
            input.result,
            evidence,
        )
        return ReleaseTestTaken(test=ReleaseTest.of(row))

    @mutating(
        "Records a test that staff has done or watched: it counts at once. A positive one makes the isolation longer.",
        Action.RELEASE_CASE,
    )
    async def record_release_test(self, info: Info, input: RecordReleaseTestInput) -> RecordReleaseTestResult:
        """The test."""
        actor = info.context.account()
        await info.context.next_mutation()
        case_id = uuid_of("Case", input.case_id)
        row = await record_release_test(
            info.context.runtime, actor, case_id, input.kind, input.taken_on, input.result, input.version
        )
        return ReleaseTestTaken(test=ReleaseTest.of(row))

    @mutating(
        "Says that staff has seen the test that a resident has sent, in person or from afar: from now on it counts.",
        Action.RELEASE_CASE,
    )
    async def verify_release_test(self, info: Info, input: VerifyReleaseTestInput) -> VerifyReleaseTestResult:
        """The test."""
        actor = info.context.account()
        await info.context.next_mutation()
        id = uuid_of("ReleaseTest", input.id)
        return ReleaseTestTaken(
            test=ReleaseTest.of(await verify_release_test(info.context.runtime, actor, id, input.version))
        )

    @mutating("Says that a test does not count; another one may be sent.", Action.RELEASE_CASE)
    async def refuse_release_test(self, info: Info, input: RefuseReleaseTestInput) -> RefuseReleaseTestResult:
        """The test."""
        actor = info.context.account()
        await info.context.next_mutation()
        id = uuid_of("ReleaseTest", input.id)
        row = await refuse_release_test(info.context.runtime, actor, id, input.reason, input.version)
        return ReleaseTestTaken(test=ReleaseTest.of(row))

    @mutating(
        "Ends an isolation on or after the protocol's day, with the test that it asks for. The certificate then waits "
        "for the head of the station.",
        Action.RELEASE_CASE,
    )
    async def release_case(self, info: Info, input: ReleaseCaseInput) -> ReleaseCaseResult:
        """The case."""
        actor = info.context.account()
        await info.context.next_mutation()
        row = await release_case(info.context.runtime, actor, uuid_of("Case", input.id), input.version)
        return CaseReleased(case=Case.of(row))
