"""Whether a report has red signs: the one question of `assess` that has to be answered before anything else is done."""

from datetime import date

from triage.condition import union_of
from triage.facts import facts_of
from triage.report import Report
from triage.rules import Protocol


def has_red_signs(report: Report, on: date, protocol: Protocol) -> bool:
    """Whether `assess` would call the report RED on that day; answers for any report, and asks no more than it must."""
    facts = facts_of(report, on)
    return any(criterion.when.truth(facts) for criterion in protocol.red_criteria)


def red_words(protocol: Protocol) -> frozenset[str] | None:
    """Codes of which any report has at least one that `has_red_signs` says yes to; None where it may have none.

    Most reports have none of them, and that is seen in a tenth of the time.
    """
    return union_of(criterion.when.words() for criterion in protocol.red_criteria)
