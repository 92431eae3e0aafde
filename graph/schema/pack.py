"""Packs of medicine."""

import strawberry

from graph.language import Language
from graph.schema.text import said
from triage import pack


@strawberry.type(description="A pack of medicine for the care at home.")
class Pack:
    """See the description."""

    code: str = strawberry.field(description="What is sent.")
    text: str = strawberry.field(description="What it is called.")
    content: str = strawberry.field(description="What is in it.")
    doctor: bool = strawberry.field(description="Whether only a doctor may give it.")
    consent: bool = strawberry.field(description="Whether the person has to agree in writing.")
    course_days: int = strawberry.field(description="For how many days it serves.")
    exclusions: list[str] = strawberry.field(description="Who must not have it.")
    source: str = strawberry.field(description="Where the rule comes from.")

    @classmethod
    def of(cls, found: pack.Pack, language: Language) -> "Pack":
        """The pack in a language."""
        return cls(
            code=found.code,
            text=said(found.text, language),
            content=said(found.content, language),
            doctor=found.doctor,
            consent=found.consent,
            course_days=found.course_days,
            exclusions=[said(one.text, language) for one in found.unless],
            source=found.source,
        )
