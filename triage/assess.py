"""Judging one report by one protocol."""

from datetime import date
from functools import lru_cache

from triage.assessment import Assessment, Danger, Missing, Reason
from triage.facts import facts_of
from triage.report import Report
from triage.rules import Protocol

__all__ = ["Assessment", "Missing", "Reason", "assess"]


def assess(report: Report, on: date, protocol: Protocol) -> Assessment:
    """What the protocol says about the report on the day `on`, with every reason and every gap.

    Answers for any report, also one that validation would refuse, and on any day, also outside the protocol's
    validity: an installation may be pinned to one version, and a trial judges the past by a new one.
    """
    facts = facts_of(report, on)
    severe = high_risk = False
    danger: Danger | None = None
    reasons: list[Reason] = []
    missing: list[Missing] = []
    for criterion in protocol.criteria:
        holds = criterion.when.truth(facts)
        if holds:
            values = criterion.when.values(facts)
            value = " / ".join(values) if values else None
            reasons.append(Reason(criterion.code, criterion.text, value, criterion.source))
            if criterion.raises == "severe":
                severe = True
                if danger != "RED":
                    danger = criterion.danger
            else:
                high_risk = True
        elif holds is None:
            missing += [_gap(criterion.code, code) for code in criterion.when.missing(facts)]
    from_year = report.birth_date is None and report.birth_year is not None
    return Assessment(severe, high_risk, danger, tuple(reasons), tuple(missing), protocol.version, from_year)


# The same few of every report, for most have no values measured.
_gap = lru_cache(maxsize=4_096)(Missing)
