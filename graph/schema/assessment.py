"""What triage concluded of a report, and why."""

import contextlib

import strawberry

from graph.context import Context
from graph.language import Language
from graph.schema.enums import Danger
from graph.schema.text import said
from services import rows
from triage import assessment as judged


@strawberry.type(description="A criterion of the protocol that holds for a report.")
class Reason:
    """See the description."""

    code: str = strawberry.field(description="The criterion's code.")
    text: str = strawberry.field(description="What it says, in the language of Accept-Language.")
    value: str | None = strawberry.field(description="The measured value it rests upon, in the protocol's unit.")
    source: str | None = strawberry.field(description="Where the rule comes from.")


@strawberry.type(description="A criterion that could not be decided, because a value was not given.")
class MissingValue:
    """See the description."""

    criterion: str = strawberry.field(description="The criterion's code.")
    value: str = strawberry.field(description="The code of the value that was not given.")


@strawberry.type(description="What triage concluded of one report.")
class Assessment:
    """See the description."""

    severe: bool = strawberry.field(description="Whether severe signs were declared.")
    danger: Danger | None = strawberry.field(description="How dangerous; null where the report is not severe.")
    high_risk: bool = strawberry.field(description="Whether the person is at high risk.")
    reasons: list[Reason] = strawberry.field(description="Every criterion that holds.")
    missing: list[str] = strawberry.field(description="Codes of the values that were not given and may matter.")
    undecided: list[MissingValue] = strawberry.field(description="What could not be decided for want of a value.")
    age_from_year: bool = strawberry.field(description="Whether only the birth year was known.")
    protocol: str = strawberry.field(description="The version of the protocol it was judged by.")

    @classmethod
    def of(cls, found: judged.Assessment, language: Language) -> "Assessment":
        """The assessment in a language."""
        return cls(
            severe=found.severe,
            danger=Danger(found.danger) if found.danger else None,
            high_risk=found.high_risk,
            reasons=[
                Reason(code=one.code, text=said(one.text, language), value=one.value, source=one.source)
                for one in found.reasons
            ],
            missing=list(dict.fromkeys(one.value_code for one in found.missing)),
            undecided=[MissingValue(criterion=one.criterion, value=one.value_code) for one in found.missing],
            age_from_year=found.age_from_year,
            protocol=found.protocol,
        )


def reasons_of(stored: list[list[str | None]], version: str, context: Context) -> list[Reason]:
    """Stored reasons with their texts, from the protocol that was judged by."""
    return [_reason(code or "", value, version, context) for code, value in stored]


def stored_assessment(row: rows.Assessment, context: Context) -> Assessment:
    """The assessment of a row."""
    return Assessment(
        severe=row.severe,
        danger=row.danger,
        high_risk=row.high_risk,
        reasons=reasons_of(row.reasons, row.protocol, context),
        missing=list(dict.fromkeys(value for _, value in row.missing)),
        undecided=[MissingValue(criterion=criterion, value=value) for criterion, value in row.missing],
        age_from_year=row.age_from_year,
        protocol=row.protocol,
    )


def _reason(code: str, value: str | None, version: str, context: Context) -> Reason:
    criterion = None
    # Another process may have published a version that this one has not taken up yet: the bare code must do.
    with contextlib.suppress(KeyError):
        criterion = context.runtime.protocols.version(version).criterion(code)
    if criterion is None:
        return Reason(code=code, text=code, value=value, source=None)
    return Reason(code=code, text=said(criterion.text, context.language), value=value, source=criterion.source)
