"""Tests at the end of an isolation."""

from datetime import date, datetime

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.release_enums import ReleaseMissing, ReleaseTestAction, TestResult
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from services import rows
from services.certificate_actions import release_test_actions
from triage.release import Release


@strawberry.type(description="A test at the end of an isolation. It counts once staff has verified it.")
class ReleaseTest:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The test's id.")
    kind: str = strawberry.field(description="The kind of test, a code of the protocol.")
    taken_on: date = strawberry.field(description="The day on which it was taken.")
    result: TestResult = strawberry.field(description="What it has shown.")
    supervised: bool = strawberry.field(description="Whether staff has done it or watched it, in person or from afar.")
    sent_at: datetime = strawberry.field(description="When it was sent or recorded.")
    verified_at: datetime | None = strawberry.field(description="When staff has verified it.")
    refused_at: datetime | None = strawberry.field(description="When staff has refused it.")
    evidence_id: strawberry.ID | None = strawberry.field(
        description="The photo that was sent with it, among the `evidence` of the case."
    )
    row: strawberry.Private[rows.ReleaseTest]

    @classmethod
    def of(cls, row: rows.ReleaseTest) -> "ReleaseTest":
        """The test of a row."""
        return cls(
            id=strawberry.ID(global_id("ReleaseTest", row.id)),
            kind=row.kind,
            taken_on=row.taken_on,
            result=row.result,
            supervised=row.supervised,
            sent_at=row.sent_at,
            verified_at=row.verified_at,
            refused_at=row.refused_at,
            evidence_id=strawberry.ID(global_id("Evidence", row.evidence_id)) if row.evidence_id else None,
            row=row,
        )

    @resolved("Who has verified it.")
    def verified_by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.verified_by)

    @resolved("What you may do with it as it stands.")
    def allowed_actions(self, info: Info) -> list[ReleaseTestAction]:
        """By role and state."""
        return [ReleaseTestAction(act) for act in release_test_actions(info.context.actor, self.row)]


@strawberry.type(description="Whether an isolation may end, by the protocol in force and the tests so far.")
class ReleaseOutlook:
    """See the description."""

    possible: bool = strawberry.field(description="Whether it may end today.")
    missing: ReleaseMissing | None = strawberry.field(description="What is missing; null where it may end.")
    from_day: date = strawberry.field(
        description="The day from which it may end, as of what is known: a negative test may bring it nearer."
    )

    @classmethod
    def of(cls, found: Release) -> "ReleaseOutlook":
        """As the API says it."""
        missing = ReleaseMissing(found.missing) if found.missing else None
        return cls(possible=found.possible, missing=missing, from_day=found.from_day)
