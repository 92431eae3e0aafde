"""Handling declarations: what it takes, and what it answers."""

from typing import Annotated

import strawberry

from graph.schema.asked import AskedField
from graph.schema.declaration import Declaration
from graph.schema.declare_input import PersonReportInput
from graph.schema.handling_enums import RejectReason
from graph.schema.problem import Conflict, InvalidInput, NotFound

SEEN = "The declaration's version you have seen: if somebody has changed it since, that is a conflict."


@strawberry.input(description="Which declaration is accepted.")
class AcceptDeclarationInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.input(description="Which declaration is refused, and why.")
class RejectDeclarationInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    reason: RejectReason = strawberry.field(description="Why.")
    note: str | None = strawberry.field(default=None, description="In your own words; kept sealed.")
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.input(description="Which declaration is the same as which other one.")
class MarkDuplicateInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    duplicate_of: strawberry.ID = strawberry.field(
        description="The id of the declaration that goes on for it, of the same person and disease."
    )
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.input(description="What is missing from which declaration.")
class RequestInformationInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    fields: list[AskedField] = strawberry.field(description="What is asked for: one at least.")
    note: str | None = strawberry.field(default=None, description="In your own words, for whoever has sent it.")
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.input(description="A declaration as it should have been.")
class CompleteDeclarationInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    person: PersonReportInput = strawberry.field(
        description="The whole report of the person, not only what was asked for: what is left out is not known."
    )
    street: str | None = strawberry.field(default=None, description="House number and street, where they were wrong.")
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.input(description="Which declaration is taken back.")
class WithdrawDeclarationInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.type(description="The declaration was changed.")
class DeclarationChanged:
    """See the description."""

    declaration: Declaration = strawberry.field(description="The declaration as it stands now.")


AcceptDeclarationResult = Annotated[
    DeclarationChanged | NotFound | Conflict,
    strawberry.union("AcceptDeclarationResult", description="The declaration, or why it is not accepted."),
]
RejectDeclarationResult = Annotated[
    DeclarationChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("RejectDeclarationResult", description="The declaration, or why it is not refused."),
]
MarkDuplicateResult = Annotated[
    DeclarationChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("MarkDuplicateResult", description="The declaration, or why it is not marked."),
]
RequestInformationResult = Annotated[
    DeclarationChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("RequestInformationResult", description="The declaration, or why nothing was asked."),
]
CompleteDeclarationResult = Annotated[
    DeclarationChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("CompleteDeclarationResult", description="The declaration, or why it stays as it was."),
]
WithdrawDeclarationResult = Annotated[
    DeclarationChanged | NotFound | Conflict,
    strawberry.union("WithdrawDeclarationResult", description="The declaration, or why it is not taken back."),
]
