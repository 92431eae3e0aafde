"""From what GraphQL has coerced to what a resolver takes: Strawberry's conversion, its types looked at once."""

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any, TypeAlias

import strawberry
from strawberry.relay.types import GlobalID
from strawberry.schema.compat import is_scalar
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import InputContext, convert_argument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

Convert: TypeAlias = "Callable[[Any, Any], Any] | None"
"""(value, info) to the value that the resolver gets; None where that is the value itself."""


class _Other(Exception):
    """It is left to Strawberry, each time."""


class Converters:
    """The conversions of one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        """Nothing is known yet."""
        self._config: StrawberryConfig = schema.config
        self._registry = schema.schema_converter.scalar_registry

    def of(self, type_: Any, name: str) -> Convert:
        """The conversion of an argument of this name."""
        definition = get_object_definition(_bare(type_))
        if definition is not None and definition.from_input is not None and not _is_list(type_):
            return self._own(definition, _bare(type_), name)
        try:
            inner = self._inner(type_, ())
        except _Other:
            config, registry = self._config, self._registry
            return lambda value, info: convert_argument(value, type_, registry, config, info, path=(name,))
        return None if inner is None else lambda value, info: inner(value)

    def _own(self, definition: StrawberryObjectDefinition, type_: Any, name: str) -> Convert:
        """Of an input that builds itself."""
        build, config, registry = definition.from_input, self._config, self._registry

        def convert(value: Any, info: Any) -> Any:
            if value is None or value is UNSET:
                return value
            return build(type_, value, InputContext(info, config, registry, (name,)))  # type: ignore[misc]  # `of` looked

        return convert

    def _inner(self, type_: Any, within: tuple[Any, ...]) -> Callable[[Any], Any] | None:
        if isinstance(type_, StrawberryMaybe) or type_ is GlobalID:
            raise _Other
        if isinstance(type_, StrawberryOptional):
            return self._inner(type_.of_type, within)
        if isinstance(type_, LazyType):
            return self._inner(type_.resolve_type(), within)
        if isinstance(type_, StrawberryList):
            return self._list(type_.of_type, within)
        if (
            isinstance(type_, StrawberryEnumDefinition)
            or is_scalar(type_, self._registry)
            or has_enum_definition(type_)
        ):
            return None
        definition = get_object_definition(type_)
        if definition is None or definition.from_input is not None or not definition.is_input or type_ in within:
            raise _Other
        return self._input(type_, definition, (*within, type_))

    def _list(self, type_: Any, within: tuple[Any, ...]) -> Callable[[Any], Any]:
        inner = self._inner(type_, within)
        if inner is None:
            # Copied: graphql-core gives one default to all who leave the value away.
            return lambda value: value if value is None or value is UNSET else list(value)
        one = inner
        return lambda value: value if value is None or value is UNSET else [one(item) for item in value]

    def _input(
        self, type_: Any, definition: StrawberryObjectDefinition, within: tuple[Any, ...]
    ) -> Callable[[Any], Any]:
        fields = []
        empty: dict[str, None] = {}
        for field in definition.fields:
            if field.default_value is MISSING and field.default_factory is MISSING:
                empty[field.python_name] = None
            inner = self._inner(field.resolve_type(type_definition=definition), within)
            fields.append((self._config.name_converter.from_field(field), field.python_name, inner))

        def convert(value: Any) -> Any:
            if value is None or value is UNSET:
                return value
            given: dict[str, Any] = dict(empty)
            for name, python, inner in fields:
                if name in value:
                    given[python] = value[name] if inner is None else inner(value[name])
            return type_(**given)

        return convert


def _bare(type_: Any) -> Any:
    while isinstance(type_, LazyType) or (
        isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe)
    ):
        type_ = type_.resolve_type() if isinstance(type_, LazyType) else type_.of_type
    return type_


def _is_list(type_: Any) -> bool:
    return isinstance(_bare(type_), StrawberryList)
