"""What a case shows of the end of its isolation."""

from datetime import date

import strawberry

from graph.context import Info
from graph.schema.certificate import Certificate
from graph.schema.release_test import ReleaseOutlook, ReleaseTest
from graph.schema.resolved import resolved
from services import rows
from services.weigh_tests import judged


@strawberry.type
class Ending:
    """The part of a case that is about its end."""

    row: strawberry.Private[rows.Case]

    @resolved("The day of the positive test, day 0 of the isolation; null before it was confirmed.")
    async def test_on(self, info: Info) -> date | None:
        """Of the case itself: an alert's event has it without its days."""
        row = await info.context.loaders.cases.load(self.row.id)
        return row.test_on if row else None

    @resolved("The day on which the isolation may end as of what is known; once it is over, the day of the release.")
    async def release_on(self, info: Info) -> date | None:
        """Of the case itself."""
        row = await info.context.loaders.cases.load(self.row.id)
        return row.release_on if row else None

    @resolved("Whether the isolation may end, and what is missing; null before it was confirmed, and once it is over.")
    async def release(self, info: Info) -> ReleaseOutlook | None:
        """By the tests, loaded for all cases of the answer at once."""
        context = info.context
        row = await context.loaders.cases.load(self.row.id)
        if row is None or row.closed_at is not None:
            return None
        tests = await context.loaders.case_release_tests.load(row.id) or []
        counting = [test for test in tests if test.refused_at is None]
        found = judged(context.runtime, row, counting, context.runtime.clock.now())
        return ReleaseOutlook.of(found) if found else None

    @resolved("Tests at the end of the isolation, newest first; at most 50.")
    async def release_tests(self, info: Info) -> list[ReleaseTest]:
        """Loaded for all cases of the answer at once."""
        return [ReleaseTest.of(row) for row in await info.context.loaders.case_release_tests.load(self.row.id) or ()]

    @resolved("Its certificates, newest first: one that was taken back may be followed by another.")
    async def certificates(self, info: Info) -> list[Certificate]:
        """Loaded for all cases of the answer at once."""
        return [Certificate.of(row) for row in await info.context.loaders.case_certificates.load(self.row.id) or ()]
