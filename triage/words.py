"""The words a protocol knows: what may be ticked, measured or answered, each with its text in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Vietnamese and in English. A protocol file that lacks either is refused."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Word:
    """A symptom, an underlying condition, a kind of test or a yes-or-no question, known by its stable `code`."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class VitalWord:
    """A measured value: its `unit`, and the plausible bounds (both allowed) outside which it is a slip of the pen.

    `whole` says that only whole numbers make sense (a pulse), so that a form offers no decimals.
    """

    code: str
    text: Text
    unit: str
    minimum: float
    maximum: float
    whole: bool
