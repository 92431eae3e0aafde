"""What triage concluded about one report, and why."""

from dataclasses import dataclass
from typing import Literal

from triage.words import Text

Danger = Literal["RED", "AMBER"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A criterion that holds: its code and texts, the measured value it rests upon (no unit), and its source."""

    code: str
    text: Text
    value: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A criterion that could not be decided, and the code of one value that was not given for it."""

    criterion: str
    value_code: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The conclusion. `danger` is None where the report is not severe.

    `protocol` is the version judged by. `age_from_year` says that only the birth year was known, so that whatever
    rests on the age was judged by the age that calls for more care.
    """

    severe: bool
    high_risk: bool
    danger: Danger | None
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    protocol: str
    age_from_year: bool
