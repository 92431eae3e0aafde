"""How soon an alert must be answered, and who is called next when it is not."""

from dataclasses import dataclass
from datetime import timedelta

from triage.assessment import Danger

STATION = "station"
MEDICAL_CENTRE = "medical_centre"
CITY = "city"

# From the ward upwards; an unanswered alert climbs in this order.
LEVELS = (STATION, MEDICAL_CENTRE, CITY)

SEVERE = "SEVERE"
HIGH_RISK = "HIGH_RISK"
MISSED_CHECK_IN = "MISSED_CHECK_IN"
KINDS = (SEVERE, HIGH_RISK, MISSED_CHECK_IN)


@dataclass(frozen=True, slots=True)
class Step:
    """The alert must be answered at this `level` before `due` has passed since the alert was raised."""

    level: str
    due: timedelta


@dataclass(frozen=True, slots=True)
class Response:
    """The steps for one kind of alert (and danger, where the kind has one), one for each level, growing.

    All count from the moment the alert was raised, not from the moment it reached the level: after an hour in which
    nothing was passed on, an unanswered red alert has to be at the top already.
    """

    kind: str
    danger: Danger | None
    steps: tuple[Step, ...]
