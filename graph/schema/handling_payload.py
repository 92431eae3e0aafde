"""Handling declarations: what it takes, and what it answers."""

from typing import Annotated

import strawberry

from graph.schema.declaration import Declaration
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
