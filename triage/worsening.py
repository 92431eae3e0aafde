"""Whether somebody who reports again is worse than a station knows already, so that it has to be called once more.

A station that was called and has spoken with the person knows the signs they had then: who goes on having them, twice
a day for a week, must not call it each time, or nobody would hear the call that matters. It is called again for what it
cannot know: a greater danger, a sign that is new, a measured value still further from where it should be, and a red
sign that had gone and is back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from triage.assessment import Assessment
from triage.condition import All, AnyOf, Condition, VitalWithin
from triage.rules import Protocol

RED, AMBER, HIGH_RISK, NEITHER = range(4)
"""Where a report stands, most dangerous first."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a station was called for: the greatest danger, and each sign with the values that it had then."""

    rank: int
    signs: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, calls: Iterable[tuple[int, Iterable[Iterable[str | None]]]]) -> "Called | None":
        """From each call's rank and reasons (code, value); None where there was none."""
        signs: dict[str, tuple[str | None, ...]] = {}
        ranks = []
        for rank, reasons in calls:
            ranks.append(rank)
            for code, value in reasons:
                signs[str(code)] = (*signs.get(str(code), ()), value)
        return cls(min(ranks), signs) if ranks else None


def rank_of(found: Assessment) -> int:
    """RED, AMBER, HIGH_RISK only, or NEITHER."""
    if found.severe:
        return RED if found.danger == "RED" else AMBER
    return HIGH_RISK if found.high_risk else NEITHER


def calls_again(found: Assessment, called: Called | None, last_rank: int, protocol: Protocol) -> bool:
    """Whether a severe report calls the station.

    `called` is what it was called for and has answered, or is being called for; `last_rank` is where the report before
    this one stood.
    """
    rank = rank_of(found)
    if not found.severe:
        return False
    if called is None or rank < called.rank:
        return True
    if rank > called.rank:
        return False
    if rank == RED and last_rank != RED:
        return True
    return any(_unknown(reason.code, reason.value, called, protocol) for reason in found.reasons)


def _unknown(code: str, value: str | None, called: Called, protocol: Protocol) -> bool:
    criterion = protocol.criterion(code)
    if criterion is None or criterion.raises != "severe":
        return False
    before = called.signs.get(code)
    if before is None:
        return True
    now = _beyond(criterion.when, value)
    return now is not None and all(now > (_beyond(criterion.when, one) or 0.0) for one in before)


def _beyond(when: Condition, value: str | None) -> float | None:
    """How far a value is beyond the criterion's bound; None where there is none, or several, so that none is meant."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max((distance for bound in _bounds(when) if (distance := bound(number)) >= 0), default=None)


def _bounds(when: Condition) -> Iterator["_Bound"]:
    if isinstance(when, All | AnyOf):
        for part in when.parts:
            yield from _bounds(part)
    elif isinstance(when, VitalWithin):
        for limit in (when.below, when.at_most):
            if limit is not None:
                yield _Bound(limit, -1)
        for limit in (when.above, when.at_least):
            if limit is not None:
                yield _Bound(limit, 1)


@dataclass(frozen=True, slots=True)
class _Bound:
    limit: float
    direction: int

    def __call__(self, value: float) -> float:
        return (value - self.limit) * self.direction
