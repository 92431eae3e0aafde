"""One operation run by both: compiled, and by graphql-core as Strawberry calls it, which is always right."""

import contextlib
from collections.abc import Sequence
from typing import Any

import orjson
import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, subscribe
from strawberry.execution import optimized_is_awaitable
from strawberry.types.execution import PreExecutionError

from graph.engine import Plan

Path = tuple[str | int, ...]
Told = tuple[Path, str, str]
Outcome = tuple[bytes, list[Told], bool]
"""The data byte for byte, the errors, and whether it was refused before anything ran."""


def outcome(data: Any, errors: Sequence[GraphQLError] | None, refused: bool = False) -> Outcome:
    """What is compared. Errors of one moment have no order, and so are sorted."""
    return orjson.dumps(data), sorted((_told(one) for one in errors or ()), key=repr), refused


def agree(ours: Outcome, theirs: Outcome) -> bool:
    """Whether both have answered the same.

    Of several fields that fail at nearly the same moment below what becomes null for it, one makes it null, and the
    others are told of or not by how soon that happens: so below one null each side has to have an error, and no more.
    """
    if ours[0] != theirs[0] or ours[2] != theirs[2]:
        return False
    data = orjson.loads(ours[0])
    return all(
        (null := _null(data, path)) is not None and any(other[0][: len(null)] == null for other in others)
        for own, others in ((ours[1], theirs[1]), (theirs[1], ours[1]))
        for path in (one[0] for one in own if one not in others)
    )


async def by_core(
    schema: strawberry.Schema, document: DocumentNode, context: Any, variables: dict[str, Any], root: Any = None
) -> Outcome:
    """graphql-core's answer."""
    result = await core_result(schema, document, context, variables, root)
    return outcome(result.data, result.errors)


async def core_result(
    schema: strawberry.Schema, document: DocumentNode, context: Any, variables: dict[str, Any], root: Any = None
) -> ExecutionResult:
    """The same as it comes."""
    # It prints every error that Strawberry processes; so graphql-core is called as Strawberry does, and not through it.
    found = execute(
        schema._schema,
        document,
        root_value=root,
        context_value=context,
        variable_values=variables,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # Strawberry's is typed more loosely
        executor_class=schema.execution_context_class,
        operation_extensions=None,
    )
    return found if isinstance(found, ExecutionResult) else await found


async def compiled(plan: Plan, context: Any, variables: dict[str, Any], root: Any = None) -> Outcome | None:
    """The plan's answer; None where it is left to graphql-core."""
    result = await plan.execute(context, variables, root)
    return None if result is None else outcome(result.data, result.errors)


async def events_by_core(
    schema: strawberry.Schema, document: DocumentNode, context: Any, variables: dict[str, Any]
) -> list[Outcome]:
    """All of graphql-core's answers to a subscription that ends by itself."""
    found: Any = subscribe(
        schema._schema,
        document,
        context_value=context,
        variable_values=variables,
        executor_class=schema.execution_context_class,
        operation_extensions=None,
    )
    stream = await found if hasattr(found, "__await__") else found
    if isinstance(stream, ExecutionResult):
        return [outcome(stream.data, stream.errors, refused=True)]
    answers = []
    try:
        async for one in stream:
            answers.append(outcome(one.data, one.errors))  # noqa: PERF401 - those before a failure are kept
    except Exception as error:
        # As `strawberry.Schema.stream` says it.
        answers.append(outcome(None, [GraphQLError(str(error), original_error=error)]))
    return answers


async def events_compiled(plan: Plan, context: Any, variables: dict[str, Any]) -> list[Outcome] | None:
    """All of the plan's answers."""
    source = plan.subscribe(context, variables)
    if source is None:
        return None
    async with contextlib.aclosing(source) as answers:
        return [outcome(one.data, one.errors, isinstance(one, PreExecutionError)) async for one in answers]


def _told(error: GraphQLError) -> Told:
    cause = error.original_error
    said = cause.message if isinstance(cause, GraphQLError) else str(cause)
    nodes = [node.loc and node.loc.start for node in error.nodes or ()]
    return tuple(error.path or ()), error.message, f"{type(cause).__name__} {said} {error.locations} {nodes}"


def _null(data: Any, path: Path) -> Path | None:
    """The first part of the path where null stands."""
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        data = data[key]
    return path if data is None else None
