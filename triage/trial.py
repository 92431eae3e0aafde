"""Trying a protocol on the past: how many recorded declarations it would judge otherwise, and which way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from triage.assess import assess
from triage.report import Report
from triage.rules import Protocol

_RANK = {None: 0, "AMBER": 1, "RED": 2}


class Recorded(NamedTuple):
    """A report as it was judged at the time, on the day `on`."""

    report: Report
    on: date
    severe: bool
    high_risk: bool
    danger: str | None


@dataclass(slots=True)
class Trial:
    """Counts of declarations. One may count under several headings: high-risk lost and severe gained, say.

    `danger_up` and `danger_down` are among those severe both then and now. `undecided` are those for which the
    protocol tried lacks a value, `unknown_words` those that use a word it does not know: of these the trial says less.
    """

    protocol: str
    total: int = 0
    changed: int = 0
    severe_gained: int = 0
    severe_lost: int = 0
    danger_up: int = 0
    danger_down: int = 0
    high_risk_gained: int = 0
    high_risk_lost: int = 0
    undecided: int = 0
    unknown_words: int = 0

    @property
    def unchanged(self) -> int:
        """How many would be judged as they were."""
        return self.total - self.changed


def compare(recorded: Iterable[Recorded], protocol: Protocol) -> Trial:
    """Judge every recorded report again by the protocol, on the day on which it was judged, and count the changes."""
    trial = Trial(protocol.version)
    for old in recorded:
        new = assess(old.report, old.on, protocol)
        trial.total += 1
        trial.changed += (new.severe, new.high_risk, new.danger) != (old.severe, old.high_risk, old.danger)
        trial.severe_gained += new.severe and not old.severe
        trial.severe_lost += old.severe and not new.severe
        if old.severe and new.severe:
            trial.danger_up += _RANK[new.danger] > _RANK[old.danger]
            trial.danger_down += _RANK[new.danger] < _RANK[old.danger]
        trial.high_risk_gained += new.high_risk and not old.high_risk
        trial.high_risk_lost += old.high_risk and not new.high_risk
        trial.undecided += bool(new.missing)
        trial.unknown_words += _has_unknown_words(old.report, protocol)
    return trial


def _has_unknown_words(report: Report, protocol: Protocol) -> bool:
    symptoms, conditions = set(report.symptoms), set(report.conditions)
    vitals = protocol.vital_by_code.keys() | protocol.answer_codes
    return not (
        symptoms <= protocol.symptom_codes and conditions <= protocol.condition_codes and report.vitals.keys() <= vitals
    )
