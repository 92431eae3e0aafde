"""Running one operation: made ready before any work is done for it, bounded, and its errors masked."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph.confirming import Confirming, Unconfirmed
from graph.context import Context
from graph.documents import Documents, Unfit
from graph.errors import REFUSALS, ApiError, NoAnswerInTime, TooComplex, api_error, from_exception, from_graphql
from graph.executing import executed, streamed
from graph.groups import Groups
from graph.introspected import Introspected
from graph.limits import Limits
from graph.manifest import sha256
from graph.observed import Observed
from graph.parsed import Parsed
from graph.plans import Plans
from graph.remembered import Remembered
from graph.request import GraphQLRequest
from graph.room import Room, Share, holder_of
from graph.scan import too_long
from graph.trusted import Automatic, NotTrusted, Trusted, UnknownDocument, WrongHash
from graph.variables import variables_excess
from telemetry.doing import Doing, begin_doing

_NO_OPERATION = "There is no operation of that name in the document."
QUERY_ONLY = frozenset({OperationType.QUERY})
NO_STREAM = frozenset({OperationType.QUERY, OperationType.MUTATION})
NO_CHANGE = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})
"""Of what any page of the web may have a browser fetch by its address."""
EVERYTHING = frozenset(OperationType)

_ELSEWHERE = {
    OperationType.SUBSCRIPTION: "A subscription goes over WebSocket, or by HTTP with text/event-stream in Accept.",
    OperationType.MUTATION: "A mutation is sent by POST.",
}
_NOT_FOUND = ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
_NOT_SUPPORTED = ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")


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


class MadeReady(SchemaExtension):
    """Hands Strawberry the document that the engine has made ready, so that it neither parses nor validates."""

    def on_parse(self) -> Iterator[None]:
        """Sets the document and that it has no errors."""
        self.execution_context.graphql_document = self.execution_context.context.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Says that the document is valid."""
        self.execution_context.pre_execution_errors = []
        yield


class Engine:
    """Runs operations of one schema within limits."""

    def __init__(
        self, schema: strawberry.Schema, limits: Limits, trusted: Trusted | None = None, parsed: Parsed | None = None
    ) -> None:
        """Does nothing yet. `trusted` are the documents that may be named by their id, or that alone may run; `parsed`
        holds those that admission has parsed."""
        self._schema = schema
        self.limits = limits
        self._trusted = trusted
        self._automatic = Automatic(limits.persisted, limits.persisted_bytes) if limits.persisted else None
        self.documents = Documents(schema._schema, limits, parsed)
        self.plans = Plans(schema, limits)
        self.remembered = Remembered()
        self._introspected = Introspected()
        self._confirming = Confirming()
        self.room = Room()
        self.groups = (
            Groups(schema._schema, lambda context: self._stream(context, EVERYTHING)) if limits.shared else None
        )

    def named(self, request: GraphQLRequest) -> GraphQLRequest:
        """The request with its document, where only the id was sent and the document is known."""
        if request.query or request.document_id is None:
            return request
        text = self._trusted.get(request.document_id) if self._trusted else None
        if text is None and self._automatic:
            text = self._automatic.get(request.document_id)
        return request if text is None else replace(request, query=text)

    def confirms(self, request: GraphQLRequest) -> bool:
        """Whether an operation is expected to confirm by its own reading who asks: it did so when it ran last."""
        return self._confirming.has(request)

    def changes(self, context: Context) -> bool:
        """Whether the operation is a mutation, before it runs. No for what may not run: whoever runs it is told why."""
        try:
            self._make_ready(context)
        except (Unfit, NotTrusted, UnknownDocument, WrongHash):
            return False
        return context.roots[0] == "mutation"

    async def run(self, context: Context, allowed: Iterable[OperationType]) -> Answer:
        """Runs a query or a mutation to its end.

        Raises Unconfirmed for who is presumed and was not found to stand: of what was done so far nothing is shown.
        """
        with Observed(context) as observed:
            return observed.take(await self._run(context, allowed))

    async def stream(
        self, context: Context, allowed: Iterable[OperationType] = EVERYTHING
    ) -> AsyncGenerator[Answer, None]:
        """Runs any operation and gives each of its answers; a subscription's until it ends.

        Nothing is held between the answers: whoever iterates may take as long as the client does.
        """
        with Observed(context) as observed:
            held: list[Callable[[], None]] = []

            def take_room() -> None:
                holder = holder_of(context.actor)
                account = Share("ACCOUNT_SUBSCRIPTIONS", holder, self.limits.account_subscriptions)
                held.append(self.room.take(*context.shares, account))

            context.take_room = take_room
            try:
                async with contextlib.aclosing(self._stream(context, allowed)) as answers:
                    async for answer in answers:
                        yield observed.take(answer)
            finally:
                for give_back in held:
                    give_back()

    def _make_ready(self, context: Context) -> None:
        """Before anything is done for the operation: whether it may run at all.

        Raises Unfit, NotTrusted, UnknownDocument or WrongHash.
        """
        request = context.request = self.named(context.request)
        self._admit(request)
        if refusal := variables_excess(request.variables, self.limits):
            raise Unfit(TooComplex(refusal))
        ready = self.documents.read(request.query)
        if not request.operation_name and len(ready.operations) > 1:
            raise Unfit(GraphQLError("The document has several operations: say which one with operationName."))
        if request.operation_name and request.operation_name not in (
            one.name.value for one in ready.operations if one.name
        ):
            # Strawberry says so of a single answer, and falls over it in a stream.
            raise Unfit(GraphQLError(_NO_OPERATION))
        if refusal := ready.excess(request.operation_name, request.variables, self.limits):
            raise Unfit(TooComplex(refusal))
        if self._automatic and request.document_id:
            self._automatic.keep(request.document_id, request.query)
        context.document = ready.node
        context.roots = ready.roots(request.operation_name)
        context.plan = self.plans.of(ready, request.operation_name)
        if context.roots[0] == "subscription":
            # It lasts for weeks: its text is the one for all who have sent it, and what it does for each event would
            # make one trace without end.
            context.request = replace(request, query=ready.text)
            begin_doing(Doing(context.request_id))

    def _admit(self, request: GraphQLRequest) -> None:
        if not request.query:
            raise UnknownDocument(kept=self._automatic is not None or self._trusted is not None)
        if len(request.query) > self.limits.document:
            # Before it is hashed or looked up; the scan says so as well.
            raise Unfit(TooComplex(too_long(self.limits)))
        if self._trusted:
            self._trusted.admit(request.query)
        persisted = (request.extensions or {}).get("persistedQuery")
        if persisted and self._automatic and sha256(request.query) != request.document_id:
            raise WrongHash

    async def _run(self, context: Context, allowed: Iterable[OperationType]) -> Answer:
        try:
            self._make_ready(context)
            if (known := self._introspected.known(context)) and not context.request.variables:
                return known
            async with asyncio.timeout(self.limits.operation_seconds) as deadline:
                result = await executed(self._schema, context, allowed)
                self._hold(context)
                await context.settle()
                # Before the answer leaves, and within its time: nobody is shown without a trace.
                await context.trace()
            answer = self._answer(result, context)
            self._introspected.keep(context, answer)
            return answer
        except Exception as error:
            late = isinstance(error, TimeoutError) and deadline.expired()
            if not late:
                self._hold(context)
            return self._refusal(NoAnswerInTime() if late else error, context)
        finally:
            await context.settle()

    def _hold(self, context: Context) -> None:
        """Raises Unconfirmed; and remembers which operations read in a way that confirms who asks."""
        if context.roots[0] == "query" and context.operation.read_alone:
            self._confirming.note(context.request, confirms=True)
        if not context.operation.stands:
            self._confirming.note(context.request, confirms=False)
            raise Unconfirmed

    async def _stream(self, context: Context, allowed: Iterable[OperationType]) -> AsyncGenerator[Answer, None]:
        try:
            self._make_ready(context)
            if context.roots[0] == "mutation" and OperationType.MUTATION not in allowed:
                # Strawberry would find it, too, and a stream would call it a fault of ours.
                raise InvalidOperationTypeError(OperationType.MUTATION)
            if self.groups is not None:
                context.group = self.groups.place(context)
            source = await streamed(self._schema, context, allowed)
            async with contextlib.aclosing(source):
                while (answer := await self._next(source, context)) is not None:
                    yield answer
        except Exception as error:
            # First what it holds of the database, and then the word that it has ended.
            await context.settle()
            yield self._refusal(error, context)
        finally:
            # They hold each other, and sockets that come and go must leave nothing for the collector.
            context.group = None
            await context.settle()

    async def _next(self, source: AsyncGenerator[Any, None], context: Context) -> Answer | None:
        """The next answer, None after the last. Waiting for an event has all the time; what is done for it has not."""
        deadline = asyncio.timeout(self.limits.operation_seconds)
        try:
            async with deadline:
                context.until = (deadline, self.limits.operation_seconds)
                if context.lasts:
                    context.waits()
                result = await anext(source, None)
                if result is None:
                    return None
                await context.settle()
                await context.trace()
            return self._answer(result, context)
        except TimeoutError as error:
            if deadline.expired():
                raise NoAnswerInTime from error
            raise
        finally:
            context.until = None

    def _answer(self, result: object, context: Context) -> Answer:
        if not isinstance(result, ExecutionResult):
            raise TypeError(f"incremental delivery is not switched on, and yet there is a {type(result).__name__}")
        if not result.errors:
            return Answer(result.data)
        errors = tuple(self._told(error, context) for error in result.errors)
        refused = isinstance(result, PreExecutionError) or (result.data is None and not any(e.path for e in errors))
        return Answer(result.data, errors, executed=not refused, ends=refused)

    def _refusal(self, error: Exception, context: Context) -> Answer:
        match error:
            case CannotGetOperationTypeError():
                found = _bad(_NO_OPERATION, context)
            case InvalidOperationTypeError():
                found = _bad(_ELSEWHERE[error.operation_type], context)
            case MissingQueryError():
                found = _bad("The key query must be a GraphQL document.", context)
            case UnknownDocument():
                # The words by which clients know that they have to send the document itself.
                code, message = _NOT_FOUND if error.kept else _NOT_SUPPORTED
                found = api_error(code, context.language, message=message)
            case WrongHash():
                found = _bad("The sha256Hash is not that of the document that was sent with it.", context)
            case Unfit():
                errors = tuple(self._told(one, context) for one in error.errors)
                return Answer(None, errors, executed=False, ends=True)
            case GraphQLError():
                return Answer(None, (self._told(error, context),), executed=False, ends=True)
            case _:
                found = from_exception(error, context.language, context.request_id)
        _note(found, context)
        return Answer(None, (found,), executed=False, ends=True)

    def _told(self, error: GraphQLError, context: Context) -> ApiError:
        suggestions = self.limits.suggestions
        found = from_graphql(error, context.language, context.request_id, suggestions=suggestions)
        _note(found, context)
        return found


def _bad(message: str, context: Context) -> ApiError:
    return api_error("BAD_REQUEST", context.language, message=message)


def _note(error: ApiError, context: Context) -> None:
    if error.code in REFUSALS:
        context.refused(str(error.path[0]) if error.path else "operation", error.code)
