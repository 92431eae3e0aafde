"""Who is called when nobody answers: an alert climbs by its protocol's times, and the top is reminded."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.assessment import Danger
from triage.response import LEVELS
from triage.rules import Protocol

LONGEST_SILENCE = timedelta(days=1)
"""However long nobody has answered, the top is reminded once a day."""

_SOONEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Escalation:
    """What an unanswered alert does now: the levels it climbs through, and when it is to be looked at again.

    Without `levels` it is at the top already: whoever is there is reminded.
    """

    levels: tuple[str, ...]
    call_at: datetime

    @property
    def level(self) -> str | None:
        """Where it then is; None where it stays."""
        return self.levels[-1] if self.levels else None


def escalate(
    protocol: Protocol, kind: str, danger: Danger | str | None, level: str, raised_at: datetime, now: datetime
) -> Escalation | None:
    """What becomes of an alert that is open at this level; None where its time there has not passed yet.

    Times count from the moment it was raised. After an hour in which nothing ran, a red alert is called at every level
    at once: whoever would have been called in between is called too. Each reminder comes after as long a silence as
    all before it together, at least five minutes and at most a day: a city with a thousand unanswered alerts must not
    be deafened by them.

    Raises KeyError for a kind or level that the protocol does not have.
    """
    passed = now - raised_at
    if passed < protocol.response_due(kind, danger, level):
        return None
    above = LEVELS[LEVELS.index(level) + 1 :]
    climbed: list[str] = []
    for step in above:
        climbed.append(step)
        due = protocol.response_due(kind, danger, step)
        if passed < due:
            return Escalation(tuple(climbed), raised_at + due)
    silence = min(max(passed, _SOONEST), LONGEST_SILENCE)
    return Escalation(tuple(climbed), now + silence)


def jumped_back(raised_at: datetime, now: datetime) -> bool:
    """Whether the clock has been set back behind the alert's beginning, by more than two processes' clocks differ.

    Its times would then come late by as much; it is to be counted from now.
    """
    return raised_at - now > timedelta(minutes=1)
