"""The end of an isolation: what mutations take, and what they answer."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry.types.field import StrawberryField

from graph.context import Info
from graph.messages import problem_text
from graph.schema.case import Case
from graph.schema.certificate import Certificate
from graph.schema.problem import Conflict, InvalidInput, NotFound, Problem
from graph.schema.release_enums import ReleaseMissing, TestResult
from graph.schema.release_test import ReleaseTest
from services import release_case

_SEEN = "The version you have seen: if somebody has changed it since, that is a conflict."


@strawberry.input(description="A test at the end of an isolation, sent by whoever has declared the person.")
class SendReleaseTestInput:
    """See the description."""

    declaration_id: strawberry.ID = strawberry.field(description="The declaration of one's own phone.")
    kind: str = strawberry.field(description="The kind of test, a code of the protocol.")
    taken_on: date = strawberry.field(description="The day on which it was taken.")
    result: TestResult = strawberry.field(description="What it has shown.")
    evidence: strawberry.ID | None = strawberry.field(default=None, description="A photo of it that was uploaded.")


@strawberry.input(description="A test at the end of an isolation that staff has done or watched.")
class RecordReleaseTestInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    kind: str = strawberry.field(description="The kind of test, a code of the protocol.")
    taken_on: date = strawberry.field(description="The day on which it was taken.")
    result: TestResult = strawberry.field(description="What it has shown.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Which test staff has seen.")
class VerifyReleaseTestInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The test's id.")
    version: int | None = strawberry.field(default=None, description=f"Of the case. {_SEEN}")


@strawberry.input(description="Which test does not count, and why.")
class RefuseReleaseTestInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The test's id.")
    reason: str = strawberry.field(description="Why, in a few words; kept sealed.")
    version: int | None = strawberry.field(default=None, description=f"Of the case. {_SEEN}")


@strawberry.input(description="Whose isolation is over.")
class ReleaseCaseInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The case's id.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Which certificate is signed.")
class SignCertificateInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The certificate's id.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Which certificates are signed.")
class SignCertificatesInput:
    """See the description."""

    certificates: list[SignCertificateInput] = strawberry.field(description="The certificates; at most 300.")


@strawberry.input(description="Which certificate is taken back, and why.")
class RevokeCertificateInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The certificate's id.")
    reason: str = strawberry.field(description="Why, in a few words; kept sealed.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.input(description="Of which case another certificate is wanted.")
class RenewCertificateInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    version: int | None = strawberry.field(default=None, description=_SEEN)


@strawberry.type(description="The test was taken.")
class ReleaseTestTaken:
    """See the description."""

    test: ReleaseTest = strawberry.field(description="The test as it stands now.")


@strawberry.type(description="The isolation is over; its certificate waits to be signed.")
class CaseReleased:
    """See the description."""

    case: Case = strawberry.field(description="The case as it stands now.")


@strawberry.type(description="The certificate was changed.")
class CertificateChanged:
    """See the description."""

    certificate: Certificate = strawberry.field(description="The certificate as it stands now.")


@strawberry.type(description="The isolation may not end yet.")
class NotReleasable(Problem):
    """See the description."""

    missing: ReleaseMissing = strawberry.field(description="What is missing.")
    from_day: date | None = strawberry.field(
        description="The day from which it may end, as of what is known; null where nobody can say."
    )


SendReleaseTestResult = Annotated[
    ReleaseTestTaken | InvalidInput | NotFound | Conflict,
    strawberry.union("SendReleaseTestResult", description="The test, or why it was not taken."),
]
RecordReleaseTestResult = Annotated[
    ReleaseTestTaken | InvalidInput | NotFound | Conflict,
    strawberry.union("RecordReleaseTestResult", description="The test, or why it was not taken."),
]
VerifyReleaseTestResult = Annotated[
    ReleaseTestTaken | NotFound | Conflict,
    strawberry.union("VerifyReleaseTestResult", description="The test, or why it does not count."),
]
RefuseReleaseTestResult = Annotated[
    ReleaseTestTaken | InvalidInput | NotFound | Conflict,
    strawberry.union("RefuseReleaseTestResult", description="The test, or why it was not refused."),
]
ReleaseCaseResult = Annotated[
    CaseReleased | NotReleasable | NotFound | Conflict,
    strawberry.union("ReleaseCaseResult", description="The case, or why its isolation goes on."),
]
SignCertificateResult = Annotated[
    CertificateChanged | NotFound | Conflict,
    strawberry.union("SignCertificateResult", description="The certificate, or why it is not signed."),
]
RevokeCertificateResult = Annotated[
    CertificateChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("RevokeCertificateResult", description="The certificate, or why it was not taken back."),
]
RenewCertificateResult = Annotated[
    CertificateChanged | NotFound | Conflict,
    strawberry.union("RenewCertificateResult", description="The certificate that waits, or why there is none."),
]


@strawberry.type(description="Each certificate was signed, or says why not.")
class CertificatesSigned:
    """See the description."""

    results: list[SignCertificateResult] = strawberry.field(
        description="What came of each, in the order in which they were named."
    )


SignCertificatesResult = Annotated[
    CertificatesSigned | InvalidInput | NotFound,
    strawberry.union("SignCertificatesResult", description="What came of each, or why nothing was tried."),
]


class NotReleasableHandler(strawberry.ExceptionHandler[release_case.NotReleasable, NotReleasable]):
    """From the services' refusal to the API's."""

    def handle(self, exception: release_case.NotReleasable, *, field: StrawberryField, info: Info) -> NotReleasable:
        """With what is missing and the day."""
        info.context.told(exception.code)
        return NotReleasable(
            code=exception.code,
            message=problem_text("NOT_RELEASABLE", info.context.language),
            missing=ReleaseMissing(exception.missing),
            from_day=exception.from_day,
        )


RELEASE_HANDLERS = (NotReleasableHandler(),)
