"""One clinical rule of a protocol."""

from dataclasses import dataclass
from typing import Literal

from triage.assessment import Danger
from triage.condition import Condition
from triage.words import Text

Raises = Literal["severe", "high_risk"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """When `when` holds, the report is what the criterion `raises`, for the reason `text`, as `source` has it.

    `danger` orders the calls within severe and is None for high-risk.
    """

    code: str
    text: Text
    source: str
    raises: Raises
    danger: Danger | None
    when: Condition
