"""Passing cases on to other wards: what it takes, and what it answers."""

from typing import Annotated

import strawberry

from graph.schema.handling_payload import SEEN, DeclarationChanged
from graph.schema.problem import Conflict, InvalidInput, NotFound
from graph.schema.transfer import Transfer

_WARD = "The id of the ward that it goes to."
_WHY = "Why, for the other ward; kept sealed."


@strawberry.input(description="Which declaration came to the wrong ward.")
class RerouteDeclarationInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    area_id: strawberry.ID = strawberry.field(description=_WARD)
    reason: str = strawberry.field(description=_WHY)
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.input(description="Which declaration goes back to the ward that it was sent on from.")
class ReturnDeclarationInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The declaration's id.")
    reason: str = strawberry.field(description=_WHY)
    version: int | None = strawberry.field(default=None, description=SEEN)


@strawberry.input(description="Which case is handed over.")
class HandOverCaseInput:
    """See the description."""

    case_id: strawberry.ID = strawberry.field(description="The case's id.")
    area_id: strawberry.ID = strawberry.field(description=_WARD)
    reason: str = strawberry.field(description=_WHY)
    version: int | None = strawberry.field(
        default=None, description="The case's version you have seen: if it was changed since, that is a conflict."
    )


@strawberry.input(description="Which hand-over is accepted.")
class AcceptHandOverInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The transfer's id.")


@strawberry.input(description="Which hand-over is refused.")
class RefuseHandOverInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The transfer's id.")
    reason: str = strawberry.field(description=_WHY)


@strawberry.input(description="Which hand-over is taken back.")
class CancelHandOverInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The transfer's id.")
    reason: str | None = strawberry.field(default=None, description=_WHY)


@strawberry.type(description="The transfer was made or answered.")
class TransferChanged:
    """See the description."""

    transfer: Transfer = strawberry.field(description="The transfer as it stands now.")


RerouteDeclarationResult = Annotated[
    DeclarationChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("RerouteDeclarationResult", description="The declaration, or why it stays where it is."),
]
ReturnDeclarationResult = Annotated[
    DeclarationChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("ReturnDeclarationResult", description="The declaration, or why it stays where it is."),
]
HandOverCaseResult = Annotated[
    TransferChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("HandOverCaseResult", description="The transfer, or why nobody was asked."),
]
AcceptHandOverResult = Annotated[
    TransferChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("AcceptHandOverResult", description="The transfer, or why the case stays where it is."),
]
RefuseHandOverResult = Annotated[
    TransferChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("RefuseHandOverResult", description="The transfer, or why it was not refused."),
]
CancelHandOverResult = Annotated[
    TransferChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("CancelHandOverResult", description="The transfer, or why it was not taken back."),
]
