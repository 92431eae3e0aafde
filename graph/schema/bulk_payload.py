"""What is done to many at once: what it takes, and what came of each."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.handling_payload import AcceptDeclarationInput, AcceptDeclarationResult
from graph.schema.inputs import ConfirmCaseInput
from graph.schema.payload import AcknowledgeAlertResult, ConfirmCaseResult
from graph.schema.problem import Conflict, ConflictHandler, InvalidInput, NotFound, NotFoundHandler
from services import problem

T = TypeVar("T")
R = TypeVar("R")

_NOTHING = UUID(int=0)
_ORDER = "What came of each, in the order in which they were named."


@strawberry.input(description="Which alerts are taken.")
class AcknowledgeAlertsInput:
    """See the description."""

    alerts: list[strawberry.ID] = strawberry.field(description="The alerts' ids; at most 300.")


@strawberry.input(description="Which cases are confirmed.")
class ConfirmCasesInput:
    """See the description."""

    cases: list[ConfirmCaseInput] = strawberry.field(description="The cases; at most 300.")


@strawberry.input(description="Which declarations are accepted.")
class AcceptDeclarationsInput:
    """See the description."""

    declarations: list[AcceptDeclarationInput] = strawberry.field(description="The declarations; at most 300.")


@strawberry.type(description="Each alert was taken, or says why not.")
class AlertsAcknowledged:
    """See the description."""

    results: list[AcknowledgeAlertResult] = strawberry.field(description=_ORDER)


@strawberry.type(description="Each case was confirmed, or says why not.")
class CasesConfirmed:
    """See the description."""

    results: list[ConfirmCaseResult] = strawberry.field(description=_ORDER)


@strawberry.type(description="Each declaration was accepted, or says why not.")
class DeclarationsAccepted:
    """See the description."""

    results: list[AcceptDeclarationResult] = strawberry.field(description=_ORDER)


AcknowledgeAlertsResult = Annotated[
    AlertsAcknowledged | InvalidInput | NotFound,
    strawberry.union("AcknowledgeAlertsResult", description="What came of each, or why nothing was tried."),
]
ConfirmCasesResult = Annotated[
    CasesConfirmed | InvalidInput | NotFound,
    strawberry.union("ConfirmCasesResult", description="What came of each, or why nothing was tried."),
]
AcceptDeclarationsResult = Annotated[
    DeclarationsAccepted | InvalidInput | NotFound,
    strawberry.union("AcceptDeclarationsResult", description="What came of each, or why nothing was tried."),
]


def named(type_name: str, id: str) -> UUID:
    """The key of an object of many; of what is no id of ours one that nothing has, for the others are to go on."""
    try:
        return uuid_of(type_name, id)
    except problem.NotFound:
        return _NOTHING


async def each(
    info: Info, found: Sequence[T | problem.Conflict | problem.NotFound], of: Callable[[T], R]
) -> list[R | Conflict | NotFound]:
    """What came of each as the API says it, refusals as a mutation about one would tell them."""

    async def told(one: T | problem.Conflict | problem.NotFound) -> R | Conflict | NotFound:
        if isinstance(one, problem.Conflict):
            return await ConflictHandler().handle(one, field=info._field, info=info)
        if isinstance(one, problem.NotFound):
            return NotFoundHandler().handle(one, field=info._field, info=info)
        return of(one)

    # Together, so that what the refusals show is loaded together.
    return await asyncio.gather(*map(told, found))
