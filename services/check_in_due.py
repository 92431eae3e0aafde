"""When the next check-in of somebody who is ill at home is missed."""

from datetime import datetime

from models.case import Case
from models.state import CaseState
from services.runtime import Runtime

AWAITED = frozenset({CaseState.CONFIRMED, CaseState.HOME_ISOLATION, CaseState.RELEASE_DUE})
"""Where check-ins are awaited: confirmed and at home.

Who was sent to a hospital is in somebody's hands, and who cannot be found is missed already; both may report.
"""


def expect_check_in(runtime: Runtime, case: Case, now: datetime) -> None:
    """Sets the case's `check_in_due`, counted from now, or empties it where none is awaited. Nothing is saved."""
    protocol = runtime.protocols.judging(case.disease, runtime.clock.day(now))
    awaited = protocol is not None and case.state in AWAITED
    case.check_in_due = protocol.isolation.check_in_due(now) if protocol is not None and awaited else None
