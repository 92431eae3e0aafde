"""What one ill person declared, as triage sees it: no name, no address, nothing that identifies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Report:
    """The clinical part of a declaration or a check-in. `None` always means "not given", never "no".

    Exactly one of `birth_date` and `birth_year` is expected: many old people know no more than the year.
    `symptoms`, `conditions` and `test_kind` are codes of the protocol. `vitals` holds only what was given: numbers in
    the unit of the protocol's vital words (`spo2` %, `temperature` °C, `fever_hours`, `respiratory_rate` and `pulse` a
    minute, `systolic` and `diastolic` mmHg), and yes-or-no answers such as `fever_responds_to_medicine`.
    """

    birth_date: date | None = None
    birth_year: int | None = None
    sex: str | None = None
    test_kind: str | None = None
    test_on: date | None = None
    symptoms: tuple[str, ...] = ()
    onset_on: date | None = None
    conditions: tuple[str, ...] = ()
    vaccine_doses: int | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    vitals: Mapping[str, float | bool] = field(default_factory=dict)
