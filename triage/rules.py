"""A protocol: one version of the triage and care rules of one disease, with the days on which it is valid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from triage.assessment import Danger
from triage.criterion import Criterion
from triage.isolation import Isolation
from triage.pack import Pack
from triage.response import LEVELS, Response
from triage.words import Text, VitalWord, Word

OTHERWISE = "OTHERWISE"


ANSWER_DAYS = 7
"""How long a resident has to answer what a station has asked, where the protocol does not say."""


@dataclass(frozen=True)
class Protocol:
    """Everything a protocol file says. Made by `triage.protocol.load`, which refuses a file that contradicts itself.

    `valid_from` is included, `valid_to` is not, and None has no end. `answers` are yes-or-no questions whose answers
    travel in `Report.vitals`. `advice` is keyed RED, AMBER, HIGH_RISK and OTHERWISE. An alert acknowledged but not
    resolved after `resolve_within` is raised again. `declaring_window` counts from the day of the test.
    """

    version: str
    disease: str
    text: Text
    valid_from: date
    valid_to: date | None
    symptoms: tuple[Word, ...]
    conditions: tuple[Word, ...]
    tests: tuple[Word, ...]
    vitals: tuple[VitalWord, ...]
    answers: tuple[Word, ...]
    criteria: tuple[Criterion, ...]
    responses: tuple[Response, ...]
    declaring_window: timedelta
    max_people: int
    max_vaccine_doses: int
    isolation: Isolation
    resolve_within: timedelta
    retention_days: int
    advice: Mapping[str, Text] = field(hash=False)
    packs: tuple[Pack, ...] = ()
    answer_within: timedelta = timedelta(days=ANSWER_DAYS)

    def response_due(self, kind: str, danger: Danger | str | None, level: str) -> timedelta:
        """How long after an alert was raised it must be answered at this level.

        A kind without times for this danger uses its times without one: a high-risk alert is answered as such however
        ill the person is. Raises KeyError for a kind or a level that the protocol does not have.
        """
        due = self._due
        return due[(kind, danger, level)] if (kind, danger, level) in due else due[(kind, None, level)]

    def next_level(self, level: str) -> str | None:
        """Who is called when this level did not answer; None at the top. Raises ValueError for an unknown level."""
        above = LEVELS.index(level) + 1
        return LEVELS[above] if above < len(LEVELS) else None

    def advice_for(self, danger: Danger | str | None, high_risk: bool) -> Text:
        """What a resident so judged should do now."""
        return self.advice[danger or ("HIGH_RISK" if high_risk else OTHERWISE)]

    def criterion(self, code: str) -> Criterion | None:
        """The criterion of that code: stored assessments keep codes, their texts are found here."""
        return self._criterion_by_code.get(code)

    def pack(self, code: str) -> Pack | None:
        """The pack of that code."""
        return next((pack for pack in self.packs if pack.code == code), None)

    @cached_property
    def symptom_codes(self) -> frozenset[str]:
        """What may be ticked as a symptom."""
        return frozenset(word.code for word in self.symptoms)

    @cached_property
    def condition_codes(self) -> frozenset[str]:
        """What may be ticked as an underlying condition."""
        return frozenset(word.code for word in self.conditions)

    @cached_property
    def test_codes(self) -> frozenset[str]:
        """Which kinds of test count."""
        return frozenset(word.code for word in self.tests)

    @cached_property
    def answer_codes(self) -> frozenset[str]:
        """Which yes-or-no questions are asked."""
        return frozenset(word.code for word in self.answers)

    @cached_property
    def vital_by_code(self) -> Mapping[str, VitalWord]:
        """The measured values that are asked for."""
        return {word.code: word for word in self.vitals}

    @cached_property
    def red_criteria(self) -> tuple[Criterion, ...]:
        """Each that makes a report RED when it holds."""
        return tuple(one for one in self.criteria if one.raises == "severe" and one.danger == "RED")

    @cached_property
    def _criterion_by_code(self) -> Mapping[str, Criterion]:
        return {criterion.code: criterion for criterion in self.criteria}

    @cached_property
    def _due(self) -> Mapping[tuple[str, str | None, str], timedelta]:
        return {(r.kind, r.danger, step.level): step.due for r in self.responses for step in r.steps}
