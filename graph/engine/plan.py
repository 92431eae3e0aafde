"""A compiled operation, and how it is run."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    located_error,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.execute import assert_event_stream
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult, PreExecutionError

from graph.engine.objects import Field
from graph.engine.run import Run
from graph.engine.shape import Shape, is_known
from graph.engine.unknown import Unknown
from graph.engine.variables import Variables

_CONDITIONS = frozenset({"skip", "include"})
_MOST_SHAPES = 8
"""How many outcomes of its conditions are compiled of one operation."""
_LATER = ("on_operation", "on_execute", "resolve", "get_results")
"""What of an extension would have to be called while an operation runs."""


def plan_of(
    schema: strawberry.Schema, document: DocumentNode, name: str | None = None, most_fields: int = 5_000
) -> "Plan | None":
    """The plan of one operation of a valid document; None where it is left to graphql-core.

    `name` may be left away where there is one operation. A plan whose fields, as often as fragments repeat them, become
    more than `most_fields` gives itself up: it has to be kept in memory.
    """
    if _unknown_schema(schema):
        return None
    fragments: dict[str, FragmentDetails] = {}
    operation: OperationDefinitionNode | None = None
    for one in document.definitions:
        if isinstance(one, FragmentDefinitionNode):
            fragments[one.name.value] = FragmentDetails(one, None)
        elif isinstance(one, OperationDefinitionNode) and (not name or (one.name and one.name.value == name)):
            operation = operation or one
    conditions = _Conditions()
    visit(document, conditions)
    if operation is None or conditions.others:
        return None
    try:
        plan = Plan(schema, operation, fragments, conditions.of(operation), most_fields)
    except (Unknown, GraphQLError, RecursionError):
        return None
    return None if plan.fixed and plan.shape({}) is None else plan


class Plan:
    """One operation. `execute` and `subscribe` give None where this one time it is left to graphql-core."""

    def __init__(
        self,
        schema: strawberry.Schema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
        conditions: list[str],
        most_fields: int,
    ) -> None:
        """Compiles the variables; the fields when it is known which of them are asked for."""
        self._schema, self._operation, self._fragments = schema, operation, fragments
        self._variables = Variables(schema._schema, operation.variable_definitions or ())
        self._conditions = conditions
        self._shapes: dict[tuple[Any, ...], Shape | None] = {}
        self._most_fields = most_fields
        self._outgrown = False

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self._operation.operation

    @property
    def fixed(self) -> bool:
        """Whether no variable says what is asked for."""
        return not self._conditions

    @property
    def size(self) -> int:
        """How many fields are compiled by now."""
        return sum(shape.size for shape in self._shapes.values() if shape)

    async def execute(
        self, context: Any, variables: Mapping[str, Any] | None = None, root: Any = None
    ) -> ExecutionResult | None:
        """Runs a query or a mutation to its end."""
        prepared = self.prepared(variables)
        if isinstance(prepared, list):
            return ExecutionResult(None, prepared)
        return None if prepared is None else await prepared.answer(context, root)

    def subscribe(
        self, context: Any, variables: Mapping[str, Any] | None = None, root: Any = None
    ) -> AsyncGenerator[ExecutionResult, None] | None:
        """Begins a subscription: each of its answers, as Strawberry's `Schema.stream` gives them."""
        prepared = self.prepared(variables)
        if isinstance(prepared, list):
            return _refused(prepared)
        return None if prepared is None else prepared.answers(context, root)

    def prepared(self, variables: Mapping[str, Any] | None) -> "Prepared | list[GraphQLError] | None":
        """The operation with these variables; what is wrong with them; None where it is left to graphql-core."""
        sent = dict(variables or {})
        coerced = self._variables.coerced(sent)
        if isinstance(coerced, list):
            return coerced
        shape = self.shape(coerced)
        return None if shape is None else Prepared(shape, sent, coerced)

    def shape(self, coerced: Mapping[str, Any]) -> Shape | None:
        """What is asked for with these variables; None where that is left to graphql-core."""
        if self._outgrown or self.size > self._most_fields:
            self._outgrown = True
            self._shapes.clear()
            return None
        outcome: tuple[Any, ...] = tuple(coerced.get(name) for name in self._conditions)
        if outcome in self._shapes:
            return self._shapes[outcome]
        if len(self._shapes) >= _MOST_SHAPES or not all(isinstance(one, bool) for one in outcome):
            return None
        decided = dict(zip(self._conditions, outcome, strict=True))
        try:
            found = Shape(self._schema, self._operation, self._fragments, self._variables, decided)
        except (Unknown, GraphQLError, RecursionError):
            found = None
        self._shapes[outcome] = found
        return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation with its variables: it can be answered any number of times, and each event of a subscription is."""

    shape: Shape
    sent: dict[str, Any]
    coerced: dict[str, Any]

    async def answer(self, context: Any, root: Any = None) -> ExecutionResult:
        """The answer; of a subscription that to one event, which is the root."""
        serially = self.shape.operation.operation is OperationType.MUTATION
        return await _answered(self._run(context, root), serially=serially)

    async def answers(self, context: Any, root: Any = None) -> AsyncGenerator[ExecutionResult, None]:
        """A subscription's answers, as long as its resolver has events."""
        run = self._run(context, root)
        asked = self.shape.fields[0].asked
        try:
            source = self.shape.begin(run, root, run.top)
            if hasattr(source, "__await__"):
                source = await source
            events = aiter(assert_event_stream(source))
        except Exception as error:
            yield PreExecutionError(None, [located_error(error, asked.nodes, [asked.key])])
            return
        try:
            async for event in events:
                yield await self.answer(context, event)
        except Exception as error:
            told = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
            yield ExecutionResult(None, [told])
        finally:
            close = getattr(events, "aclose", None)
            if close is not None:
                with suppress(Exception):
                    await close()

    def _run(self, context: Any, root: Any) -> Run:
        return Run(self.shape, context, self.sent, self.coerced, root)


async def _answered(run: Run, *, serially: bool) -> ExecutionResult:
    """All root fields side by side; or `serially`, each with everything below it before the next one begins."""
    data: dict[str, Any] = {}
    run.answer["data"] = data
    for field in run.shape.fields:
        try:
            data[field.asked.key] = _begun(run, field, data)
        except GraphQLError as error:
            run.failed_whole(error)
        if serially:
            await run.finish()
        if run.top.gone:
            break
    await run.finish()
    return ExecutionResult(run.answer["data"], run.errors or None)


def _begun(run: Run, field: Field, data: dict[str, Any]) -> Any:
    key = field.asked.key
    if field.step is not None:
        return field.step(run, run.root, run.top, data)
    read: Any = field.get
    try:
        value = read(run.root)
    except Exception as error:
        return run.failed(error, run.top, key, field.spot)
    return field.fill(run, value, run.top, key, data)


async def _refused(errors: list[GraphQLError]) -> AsyncGenerator[ExecutionResult, None]:
    yield PreExecutionError(None, errors)


class _Conditions(Visitor):
    """The variables of `@skip` and `@include`, and whether there is any other directive."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()
        self.others = False

    def of(self, operation: OperationDefinitionNode) -> list[str]:
        """Those that the operation declares, and which so are its own."""
        return sorted(
            one.variable.name.value
            for one in operation.variable_definitions or ()
            if one.variable.name.value in self.variables
        )

    def enter_directive(self, node: Any, *_: object) -> None:
        """One directive, wherever it stands."""
        if node.name.value not in _CONDITIONS:
            self.others = True
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.variables.add(argument.value.name.value)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> None:
        """A fragment with variables of its own is an experiment of graphql-core's."""
        if node.variable_definitions:
            self.others = True


def _unknown_schema(schema: strawberry.Schema) -> bool:
    """Whether something would have to happen while an operation runs that a plan does not do."""
    known: bool | None = getattr(schema, "_compiled_operations", None)
    if known is None:
        known = _is_known(schema)
        schema._compiled_operations = known  # type: ignore[attr-defined]  # kept where it belongs: one answer a schema
    return not known


def _is_known(schema: strawberry.Schema) -> bool:
    if schema.directives or schema.config.enable_experimental_incremental_execution:
        return False
    for extension in schema.extensions:
        if not isinstance(extension, type) or any(
            getattr(extension, name) is not getattr(SchemaExtension, name) for name in _LATER
        ):
            return False
    return all(
        is_known(field)
        for type_ in schema._schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for field in type_.fields.values()
    )
