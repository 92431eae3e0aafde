"""When somebody may leave their isolation: the protocol's days, and what the tests have shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from triage.isolation import Isolation

Missing = Literal["TOO_EARLY", "NO_NEGATIVE_TEST", "TEST_NOT_VERIFIED", "STILL_POSITIVE"]


@dataclass(frozen=True, slots=True)
class EndTest:
    """A test of somebody in isolation. Only one that staff has done or supervised counts: then it is `verified`."""

    taken_on: date
    negative: bool
    verified: bool


@dataclass(frozen=True, slots=True)
class Release:
    """Whether the isolation may end today; where not, what is missing and the day from which it may end.

    `from_day` is the day as of what is known: a negative test may bring it nearer.
    """

    from_day: date
    missing: Missing | None = None

    @property
    def possible(self) -> bool:
        """Whether it may end today."""
        return self.missing is None


def release(
    isolation: Isolation, test_on: date, vaccine_doses: int | None, tests: Iterable[EndTest], today: date
) -> Release:
    """Judges it by the newest test that counts: verified, and taken on the protocol's release day or later.

    An earlier one does not count, because a test of the third day that shows nothing says nothing of the seventh. Of
    two on one day the positive one counts. Whoever has no test that counts is as one who is still positive: the later
    day lets them go without one, so that nobody is kept in for want of a test.
    """
    first = isolation.release_on(test_on, False, vaccine_doses)
    last = isolation.release_on(test_on, True, vaccine_doses)
    sent = [test for test in tests if first <= test.taken_on <= today]
    counting = [test for test in sent if test.verified]
    newest = max(counting, key=lambda test: (test.taken_on, not test.negative), default=None)
    if newest is not None and newest.negative:
        return Release(newest.taken_on)
    if today >= last:
        return Release(last)
    if newest is not None:
        return Release(last, "STILL_POSITIVE")
    if today < first:
        return Release(first, "TOO_EARLY")
    waiting = any(test.negative and not test.verified for test in sent)
    return Release(last, "TEST_NOT_VERIFIED" if waiting else "NO_NEGATIVE_TEST")
