"""Running one operation: parsed and validated once for each document, bounded, and its errors masked."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import strawberry
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
)
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.schema import validate_document
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph.context import Context
from graph.errors import REFUSALS, ApiError, NoAnswerInTime, TooComplex, api_error, from_exception, from_graphql
from graph.limits import Limits, excess
from graph.observed import Observed
from graph.remembered import Remembered
from graph.room import Room, Share, holder_of
from graph.roots import roots_of
from telemetry.doing import Doing, begin_doing

QUERY_ONLY = frozenset({OperationType.QUERY})
NO_STREAM = frozenset({OperationType.QUERY, OperationType.MUTATION})
EVERYTHING = frozenset(OperationType)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to the client. `executed` is False where the operation was refused before any field ran."""

    data: dict[str, Any] | None
    errors: tuple[ApiError, ...] = ()
    executed: bool = True
    ends: bool = False

    def payload(self) -> dict[str, Any]:
        """The JSON of the answer; what was never executed has no key data."""
        payload: dict[str, Any] = {"data": self.data} if self.executed else {}
        if self.errors:
            payload["errors"] = [error.formatted() for error in self.errors]
        return payload

    @property
    def empty(self) -> bool:
        """Whether nothing was answered but errors."""
        return bool(self.errors) and not any(value is not None for value in (self.data or {}).values())


class Schema(strawberry.Schema):
    """Strawberry's schema, without its own logging of errors: their texts may quote a person's row."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing here; `graph.errors` logs what is unexpected."""


def extensions(limits: Limits) -> list[Callable[[], SchemaExtension]]:
    """The extensions of the schema, as factories: each operation has its own, their caches are shared."""
    check = _checker(limits)
    return [lambda: ParserCache(maxsize=limits.documents_kept), lambda: _Checked(limits, check)]


class Engine:
    """Runs operations of one schema within limits."""

    def __init__(self, schema: strawberry.Schema, limits: Limits) -> None:
        """Does nothing yet."""
        self._schema = schema
        self.limits = limits
        self.remembered = Remembered()
        self.room = Room()

    async def run(self, context: Context, allowed: Iterable[OperationType]) -> Answer:
        """Runs a query or a mutation to its end."""
        with Observed(context) as observed:
            return observed.take(await self._run(context, allowed))

    async def stream(self, context: Context) -> AsyncGenerator[Answer, None]:
        """Runs any operation and gives each of its answers; a subscription's until it ends.

        Nothing is held between the answers: whoever iterates may take as long as the client does.
        """
        with Observed(context) as observed, contextlib.ExitStack() as held:
            account = Share("ACCOUNT_SUBSCRIPTIONS", holder_of(context.actor), self.limits.account_subscriptions)
            context.take_room = lambda: held.callback(self.room.take(account, *context.shares))
            async with contextlib.aclosing(self._stream(context)) as answers:
                async for answer in answers:
                    yield observed.take(answer)

    async def _run(self, context: Context, allowed: Iterable[OperationType]) -> Answer:
        try:
            async with asyncio.timeout(self.limits.operation_seconds) as deadline:
                result = await self._schema.execute(
                    context.request.query,
                    variable_values=context.request.variables,
                    context_value=context,
                    operation_name=context.request.operation_name,
                    allowed_operation_types=allowed,
                )
                await context.settle()
                # Before the answer leaves, and within its time: nobody is shown without a trace.
                await context.trace()
            return _answer(result, context)
        except Exception as error:
            late = isinstance(error, TimeoutError) and deadline.expired()
            return _refusal(NoAnswerInTime() if late else error, context)
        finally:
            await context.settle()

    async def _stream(self, context: Context) -> AsyncGenerator[Answer, None]:
        source = await self._schema.stream(
            context.request.query,
            variable_values=context.request.variables,
            context_value=context,
            operation_name=context.request.operation_name,
            allowed_operation_types=EVERYTHING,
        )
        try:
            async with contextlib.aclosing(source):
                async for result in source:
                    await context.settle()
                    await context.trace()
                    yield _answer(result, context)
        except Exception as error:
            yield _refusal(error, context)
        finally:
            await context.settle()


class _Checked(ValidationCache):
    """The bounds before validation, both once for each document."""

    def __init__(self, limits: Limits, check: Callable[..., list[GraphQLError]]) -> None:
        super().__init__(maxsize=limits.documents_kept)
        self.cached_validate_document = check
        self._limits = limits

    def on_operation(self) -> Iterator[None]:
        """Sets the parser's own bounds."""
        options: dict[str, int] = {
            "max_lexical_tokens": self._limits.tokens,
            "max_comments": self._limits.tokens,
            "max_source_length": self._limits.body,
        }
        # Strawberry's type for the options names max_tokens alone, which graphql-core has deprecated.
        self.execution_context.parse_options = options  # type: ignore[assignment]
        yield

    def on_validate(self) -> Iterator[None]:
        """Refuses a document of several operations without a name, then checks the document as such."""
        document, context = self.execution_context.graphql_document, self.execution_context.context
        if document and not context.request.operation_name and _operations(document) > 1:
            message = "The document has several operations: say which one with operationName."
            self.execution_context.pre_execution_errors = [GraphQLError(message)]
            yield
        else:
            yield from super().on_validate()
            if document and not self.execution_context.pre_execution_errors:
                context.roots = roots_of(document, context.request.operation_name)
                if context.roots[0] == "subscription":
                    # It lasts for weeks: what it does for each event would make one trace without end.
                    begin_doing(Doing(context.request_id))


def _checker(limits: Limits) -> Callable[..., list[GraphQLError]]:
    @lru_cache(maxsize=limits.documents_kept)
    def check(
        schema: GraphQLSchema, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
    ) -> list[GraphQLError]:
        # First, because some of the standard rules take quadratic time, and fragments may double.
        refusal = excess(schema, document, limits)
        return [TooComplex(refusal)] if refusal else validate_document(schema, document, rules)

    return check


def _operations(document: DocumentNode) -> int:
    return sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions)


def _answer(result: object, context: Context) -> Answer:
    if not isinstance(result, ExecutionResult):
        raise TypeError(f"incremental delivery is not switched on, and yet there is a {type(result).__name__}")
    if not result.errors:
        return Answer(result.data)
    errors = tuple(from_graphql(error, context.language, context.request_id) for error in result.errors)
    for error in errors:
        _note(error, context)
    refused = isinstance(result, PreExecutionError) or (result.data is None and not any(e.path for e in errors))
    return Answer(result.data, errors, executed=not refused, ends=refused)


def _refusal(error: Exception, context: Context) -> Answer:
    match error:
        case CannotGetOperationTypeError():
            message = "There is no operation of that name in the document."
            found = api_error("BAD_REQUEST", context.language, message=message)
        case InvalidOperationTypeError():
            message = f"A {error.operation_type.value} is not possible in this way."
            found = api_error("BAD_REQUEST", context.language, message=message)
        case MissingQueryError():
            found = api_error("BAD_REQUEST", context.language, message="The key query must be a GraphQL document.")
        case GraphQLError():
            # The cached parser raises while its extension is entered, where a stream does not catch it.
            found = from_graphql(error, context.language, context.request_id)
        case _:
            found = from_exception(error, context.language, context.request_id)
    _note(found, context)
    return Answer(None, (found,), executed=False, ends=True)


def _note(error: ApiError, context: Context) -> None:
    if error.code in REFUSALS:
        context.refused(str(error.path[0]) if error.path else "operation", error.code)
