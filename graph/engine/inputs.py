"""Coercing what was sent as a variable, by its type: the happy case only.

A coercion raises `Unfit`, or whatever a scalar raises, where a value is not of the type. What is wrong with it is then
found and said by graphql-core, which is asked again from the beginning.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    is_required_input_field,
)
from graphql.pyutils import Undefined, is_iterable
from graphql.utilities.coerce_input_value import coerce_default_value

from graph.engine.unknown import Unknown

Coerce: TypeAlias = Callable[[Any], Any]

_LARGEST = 2**31 - 1


class Unfit(Exception):
    """The value is not of the type."""


@lru_cache(maxsize=2_000)
def coercion(type_: GraphQLInputType, within: tuple[GraphQLInputType, ...] = ()) -> Coerce:
    """What coerces values of this type. Raises Unknown for a type that holds itself: its values have no known depth."""
    if isinstance(type_, GraphQLNonNull):
        inner = coercion(type_.of_type, within)

        def present(value: Any) -> Any:
            if value is None or value is Undefined:
                raise Unfit
            return inner(value)

        return present
    if isinstance(type_, GraphQLList):
        return _nullable(_list(coercion(type_.of_type, within)))
    if isinstance(type_, GraphQLInputObjectType):
        if type_ in within:
            raise Unknown(f"{type_} holds itself")
        return _nullable(_object(type_, (*within, type_)))
    return _nullable(_leaf(type_))


def _nullable(inner: Coerce) -> Coerce:
    return lambda value: None if value is None or value is Undefined else inner(value)


def _list(item: Coerce) -> Coerce:
    def coerce(value: Any) -> list[Any]:
        if type(value) is list or is_iterable(value):
            return [item(one) for one in value]
        return [item(value)]

    return coerce


def _object(type_: GraphQLInputObjectType, within: tuple[GraphQLInputType, ...]) -> Coerce:
    fields = []
    for name, field in type_.fields.items():
        try:
            default = coerce_default_value(field)
        except TypeError as error:
            raise Unknown("a default that is none") from error
        fields.append(
            (name, field.out_name or name, coercion(field.type, within), is_required_input_field(field), default)
        )
    known, made, only_one = type_.fields.keys(), type_.out_type, type_.is_one_of

    def coerce(value: Any) -> Any:
        if not isinstance(value, dict) or not value.keys() <= known:
            raise Unfit
        coerced: dict[str, Any] = {}
        for name, out, inner, required, default in fields:
            given = value.get(name, Undefined)
            if given is not Undefined:
                coerced[out] = inner(given)
            elif required:
                raise Unfit
            elif default is not Undefined:
                coerced[out] = default
        if only_one and (len(value) != 1 or len(coerced) != 1 or None in coerced.values()):
            raise Unfit
        return made(coerced)

    return coerce


def _leaf(type_: Any) -> Coerce:
    if isinstance(type_, GraphQLEnumType):
        members = {name: type_.coerce_input_value(name) for name in type_.values}

        def member(value: Any) -> Any:
            if type(value) is not str:
                raise Unfit
            return members[value]

        return member
    coerce = type_.coerce_input_value
    kind = next((kind for built_in, kind in _AS_THEY_ARE if coerce is built_in.coerce_input_value), None)

    whole = coerce is GraphQLInt.coerce_input_value

    def scalar(value: Any) -> Any:
        if type(value) is kind:
            return value
        if type(value) is int and whole and -_LARGEST - 1 <= value <= _LARGEST:
            return value
        found = coerce(value)
        if found is Undefined:
            raise Unfit
        return found

    return scalar


_AS_THEY_ARE = ((GraphQLString, str), (GraphQLID, str), (GraphQLBoolean, bool))
