"""The arguments of one field: where each value comes from, known beforehand; its value, taken at each call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    is_required_argument,
)
from graphql.execution.values import get_argument_values
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

from graph.engine.asked import Asked
from graph.engine.convert import Convert, Converters
from graph.engine.unknown import Unknown

if TYPE_CHECKING:
    from graph.engine.run import Run

_UNCHANGING = (str, int, float, Decimal, Enum, date, time, timedelta, UUID)


@dataclass(frozen=True, slots=True)
class _Argument:
    """One argument. The variable where one is named, and else the value."""

    python: str
    variable: str | None
    value: Any
    """Undefined where the resolver's own default holds."""
    required: bool
    nullable: bool
    convert: Convert


class Arguments:
    """Builds the keyword arguments of one field for its resolver."""

    def __init__(self, asked: Asked, schema: strawberry.Schema, converters: Converters) -> None:
        """Raises Unknown where graphql-core is to build them."""
        self._asked = asked
        names = schema.config.name_converter
        python = {names.from_argument(one): one for one in asked.field.arguments}
        nodes = {one.name.value: one.value for one in asked.nodes[0].arguments or ()}
        self._arguments: list[_Argument] = []
        for name, definition in asked.definition.args.items():
            if name not in python or definition.out_name not in (None, name):
                raise Unknown(f"argument {name}")
            found = _argument(definition, nodes.get(name))
            one = python[name]
            self._arguments.append(_Argument(one.python_name, *found, converters.of(one.type, name)))

    def needed(self) -> Callable[["Run", Any], dict[str, Any]] | None:
        """(run, info) to the keyword arguments; None where there are none."""
        arguments = [one for one in self._arguments if one.variable is not None or one.value is not Undefined]
        if not arguments:
            return None

        def build(run: "Run", info: Any) -> dict[str, Any]:
            built: dict[str, Any] = {}
            for one in arguments:
                value = one.value if one.variable is None else run.variables.get(one.variable, Undefined)
                if value is Undefined:
                    if one.required:
                        self._refuse(run)
                    value = one.value
                    if value is Undefined:
                        continue
                elif value is None and not one.nullable:
                    self._refuse(run)
                built[one.python] = value if one.convert is None else one.convert(value, info)
            return built

        return build

    def _refuse(self, run: "Run") -> None:
        """Raises graphql-core's own words."""
        core_arguments(self._asked, run)
        raise RuntimeError(f"graphql-core takes the arguments of {self._asked.name}")


def core_arguments(asked: Asked, run: "Run") -> dict[str, Any]:
    """The arguments by their names in the schema, as graphql-core builds them. Raises GraphQLError."""
    return get_argument_values(asked.definition, asked.nodes[0], run.shape.variable_values(run.asked))


def _argument(definition: GraphQLArgument, node: ValueNode | None) -> tuple[str | None, Any, bool, bool]:
    """The variable, the value (of a variable: where it has none), whether required and whether null is allowed."""
    required, nullable = is_required_argument(definition), not isinstance(definition.type, GraphQLNonNull)
    try:
        default = coerce_default_value(definition)
    except TypeError as error:
        raise Unknown("a default that is none") from error
    if node is None:
        if required:
            raise Unknown("a required argument is not there")
        return None, default, required, nullable
    if isinstance(node, VariableNode):
        return node.name.value, default, required, nullable
    if _has_variable(node):
        raise Unknown("a variable within a literal")
    try:
        value = coerce_input_literal(node, definition.type)
    except Exception as error:
        raise Unknown("a literal that is refused") from error
    if value is Undefined or not _unchanging(value, definition.type):
        raise Unknown("a literal that is to be read anew each time")
    return None, value, required, nullable


def _unchanging(value: Any, type_: GraphQLInputType) -> bool:
    """Whether all who are given it may share it: lists and inputs are made anew from it, and the rest never changes."""
    if value is None:
        return True
    if isinstance(type_, GraphQLNonNull):
        return _unchanging(value, type_.of_type)
    if isinstance(type_, GraphQLList):
        return all(_unchanging(one, type_.of_type) for one in value)
    if isinstance(type_, GraphQLInputObjectType):
        fields = type_.fields.items()
        return isinstance(value, dict) and all(_unchanging(value.get(name), field.type) for name, field in fields)
    return isinstance(value, _UNCHANGING)


def _has_variable(node: ValueNode) -> bool:
    match node:
        case VariableNode():
            return True
        case ListValueNode():
            return any(_has_variable(one) for one in node.values)
        case ObjectValueNode():
            return any(_has_variable(one.value) for one in node.fields)
    return False
