"""Scalars and enums as they stand in an answer.

`Leaf.kind` is the class whose instances need no look: they stand as they are, or as `convert` makes them. All others go
to graphql-core's own coercion, which also says what is wrong with them.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from graphql.execution import Executor
from graphql.pyutils import Undefined
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition, TimeDefinition

from graph.engine.place import Place

if TYPE_CHECKING:
    from graph.engine.run import Run

_LARGEST = 2**31 - 1
_MOMENTS: tuple[tuple[str, type, Callable[[Any], str]], ...] = (
    (DateTimeDefinition.name, datetime, datetime.isoformat),
    (DateDefinition.name, date, date.isoformat),
    (TimeDefinition.name, time, time.isoformat),
)


class _Nothing:
    """No value is of this class."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """How values of one scalar or enum become what stands in the answer."""

    kind: type
    convert: Callable[[Any], Any] | None
    """None where an instance of `kind` stands as it is."""
    fails: bool
    """Whether `convert` may raise."""
    complete: Callable[["Run", Any, Place, str | int, Any], Any]
    """For whatever it is."""


@lru_cache(maxsize=1_000)
def leaf_of(type_: GraphQLLeafType) -> Leaf:
    """How to complete values of this type."""
    kind, convert = _quick(type_)

    def complete(run: "Run", value: Any, above: Place, key: str | int, held: Any) -> Any:
        if type(value) is kind:
            return value if convert is None else convert(value)
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        return Executor.complete_leaf_value(type_, value)

    return Leaf(kind, convert, kind in (int, float), complete)


def _int(value: int) -> int:
    return value if -_LARGEST - 1 <= value <= _LARGEST else GraphQLInt.coerce_output_value(value)


def _float(value: float) -> float:
    return value if isfinite(value) else GraphQLFloat.coerce_output_value(value)


def _quick(type_: GraphQLLeafType) -> tuple[type, Callable[[Any], Any] | None]:
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_)
    coerce = type_.coerce_output_value
    for built_in, kind in ((GraphQLString, str), (GraphQLID, str), (GraphQLBoolean, bool)):
        if coerce is built_in.coerce_output_value:
            return kind, None
    if coerce is GraphQLInt.coerce_output_value:
        return int, _int
    if coerce is GraphQLFloat.coerce_output_value:
        return float, _float
    if coerce is DateTimeDefinition.serialize:
        # One and the same for all three of them: which it is, the value's class says.
        for name, moment, isoformat in _MOMENTS:
            if type_.name == name:
                return moment, isoformat
    return _Nothing, None


def _enum(type_: GraphQLEnumType) -> tuple[type, Callable[[Any], Any] | None]:
    kind = getattr(type_, "wrapped_cls", None)
    if not isinstance(kind, type) or not issubclass(kind, enum.Enum) or issubclass(kind, enum.Flag):
        return _Nothing, None
    try:
        same = all(type_.coerce_output_value(member) == member.name for member in kind)
    except Exception:  # An enum that does not take its own members: graphql-core says of each value what is wrong.
        return _Nothing, None
    # `_name_` and not `name`: that is a descriptor in Python, and takes ten times as long.
    return (kind, attrgetter("_name_")) if same else (_Nothing, None)
