"""One operation once its `@skip` and `@include` are decided: which fields of which type, and how each is filled.

What is asked of a type is compiled when the first object of it is there: documents name far more than answers hold, and
nobody is to make us compile what is never run.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import strawberry
from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from graph.engine.abstracts import abstract_completer
from graph.engine.asked import Asked, Spot
from graph.engine.call import Call, attribute, call_of
from graph.engine.convert import Converters
from graph.engine.fill import filled
from graph.engine.leaf import Leaf, leaf_of
from graph.engine.lists import list_completer
from graph.engine.objects import DEFINITION, Field, Fields, known_class, object_completer
from graph.engine.place import Place
from graph.engine.run import Complete, Run
from graph.engine.unknown import Unknown
from graph.engine.variables import Variables

_TYPENAME = "__typename"


class Shape:
    """The compiled fields of one operation, for one outcome of its conditions."""

    def __init__(
        self,
        strawberry_schema: strawberry.Schema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
        variables: Variables,
        conditions: Mapping[str, bool],
    ) -> None:
        """Compiles the root fields. Raises Unknown."""
        self._strawberry = strawberry_schema
        self.schema: GraphQLSchema = strawberry_schema._schema
        self.operation = operation
        self.fragments = fragments
        self.fragment_nodes = {name: one.definition for name, one in fragments.items()}
        self._variables = variables
        self._conditions = VariableValues({}, dict(conditions))
        self._converters = Converters(strawberry_schema)
        self.size = 0
        """How many fields are compiled."""
        root = self.schema.get_root_type(operation.operation)
        if root is None:
            raise Unknown("no such root")
        self.root = root
        collected = collect_fields(self.schema, fragments, self._conditions, root, operation)
        self.fields = self._compiled(root, collected.grouped_field_set)

    @cached_property
    def begin(self) -> Call:
        """How the resolver of a subscription is called, whose events the fields are compiled for."""
        return call_of(self.fields[0].asked, self._strawberry, self._converters)

    def variable_values(self, sent: Mapping[str, Any]) -> VariableValues:
        """The variables as graphql-core keeps them, for what it builds itself."""
        found = self._variables.by_core(sent)
        if isinstance(found, list):
            raise found[0]
        return found

    def _compiled(self, parent: GraphQLObjectType, grouped: Mapping[str, FieldDetailsList]) -> Fields:
        return tuple(self._field(parent, key, details) for key, details in grouped.items())

    def _field(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Field:
        self.size += 1
        nodes = [one.node for one in details]
        name = nodes[0].name.value
        definition = self.schema.get_field(parent, name)
        field = definition.extensions.get(DEFINITION) if definition else None
        if name == _TYPENAME and definition:
            return _typename(Asked(key, name, details, nodes, parent, definition, field), parent.name)  # type: ignore[arg-type]  # it has none
        if definition is None or not isinstance(field, StrawberryField):
            raise Unknown(f"{parent}.{name}")
        return self._made(Asked(key, name, details, nodes, parent, definition, field))

    def _made(self, asked: Asked) -> Field:
        spot = Spot(asked, nullable=not isinstance(asked.definition.type, GraphQLNonNull))
        complete, leaf, known = self._completer(spot, asked.definition.type)
        fill = filled(spot, complete, known)
        get = None if asked.field.is_subscription else attribute(asked, self._strawberry)
        if get is not None and leaf is not None:
            return Field(asked, spot, get, leaf.kind, leaf.convert, fill, None)
        if asked.field.is_subscription and self.operation.operation is OperationType.SUBSCRIPTION:
            # The event is the value: what has made it was called once, when the stream began.
            return Field(
                asked, spot, None, None, None, fill, _step(asked, spot, fill, lambda run, source, here: source)
            )
        if get is not None:
            read = get
            return Field(
                asked, spot, None, None, None, fill, _step(asked, spot, fill, lambda run, source, here: read(source))
            )
        call = call_of(asked, self._strawberry, self._converters)
        return Field(asked, spot, None, None, None, fill, _step(asked, spot, fill, call))

    def _completer(self, spot: Spot, type_: GraphQLOutputType) -> tuple[Complete, Leaf | None, type | None]:
        """What completes a value of the type; the leaf where it is one; a class that needs not be awaited."""
        if isinstance(type_, GraphQLNonNull):
            return self._completer(spot, type_.of_type)
        if isinstance(type_, GraphQLList):
            item = spot.of_item(nullable=not isinstance(type_.of_type, GraphQLNonNull))
            complete, leaf, known = self._completer(item, type_.of_type)
            return list_completer(spot, filled(item, complete, known), leaf), None, None
        if is_leaf_type(type_):
            leaf = leaf_of(type_)
            return leaf.complete, leaf, leaf.kind
        if is_abstract_type(type_):
            abstract: GraphQLAbstractType = type_
            return abstract_completer(spot, abstract, self.schema, self._object), None, None
        if not isinstance(type_, GraphQLObjectType):
            raise Unknown(f"{type_}")
        return self._object(spot, type_), None, known_class(type_)

    def _object(self, spot: Spot, type_: GraphQLObjectType) -> Complete:
        return object_completer(spot, type_, lambda: self._fields(spot, type_))

    def _fields(self, spot: Spot, type_: GraphQLObjectType) -> Fields:
        if spot.asked is None:
            raise Unknown("a selection of nothing")
        collected = collect_subfields(
            self.schema, self.fragments, self._conditions, self.operation, type_, spot.asked.details
        )
        return self._compiled(type_, collected.grouped_field_set)


def _typename(asked: Asked, name: str) -> Field:
    spot = Spot(asked, nullable=False)

    def fill(run: Run, value: Any, above: Place, key: str | int, held: Any) -> Any:
        return name

    return Field(asked, spot, lambda source: name, str, None, fill, None)


def _step(asked: Asked, spot: Spot, fill: Complete, call: Any) -> Any:
    key = asked.key

    def step(run: Run, source: Any, here: Place, data: dict[str, Any]) -> Any:
        try:
            value = call(run, source, here)
        except Exception as error:
            return run.failed(error, here, key, spot)
        return fill(run, value, here, key, data)

    return step


def is_known(field: GraphQLField) -> bool:
    """Whether Strawberry has made the field."""
    return isinstance(field.extensions.get(DEFINITION), StrawberryField)
