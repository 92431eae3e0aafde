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
    get_nullable_type,
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
        inner = _of_value(type_.of_type, within)

        def present(value: Any) -> Any:
            if value is None or value is Undefined:
                raise Unfit
            return inner(value)

        return present
    bare = _of_value(type_, within)
    return lambda value: None if value is None or value is Undefined else bare(value)


def _of_value(type_: Any, within: tuple[GraphQLInputType, ...]) -> Coerce:
    """The same of what is there: a value that is null is not asked about twice."""
    if isinstance(type_, GraphQLList):
        return _list(coercion(type_.of_type, within))
    if isinstance(type_, GraphQLInputObjectType):
        if type_ in within:
            raise Unknown(f"{type_} holds itself")
        return _object(type_, (*within, type_))
    return _leaf(type_)


def _list(item: Coerce) -> Coerce:
    def coerce(value: Any) -> list[Any]:
        if type(value) is list or is_iterable(value):
            return [item(one) for one in value]
        return [item(value)]

    return coerce


def _object(type_: GraphQLInputObjectType, within: tuple[GraphQLInputType, ...]) -> Coerce:
    fields: dict[str, tuple[str, Coerce, type | None, bool]] = {}
    defaults: dict[str, Any] = {}
    for name, field in type_.fields.items():
        try:
            default = coerce_default_value(field)
        except TypeError as error:
            raise Unknown("a default that is none") from error
        out = field.out_name or name
        if default is not Undefined:
            defaults[out] = default
        as_it_is = _kind(get_nullable_type(field.type))
        fields[name] = out, coercion(field.type, within), as_it_is, is_required_input_field(field)
    needed = frozenset(name for name, (_, _, _, required) in fields.items() if required)
    made, only_one = type_.out_type, type_.is_one_of

    def coerce(value: Any) -> Any:
        if not isinstance(value, dict) or not needed <= value.keys():
            raise Unfit
        coerced = defaults.copy()
        # Of what was sent: a form has many fields, and most are left out.
        for name, given in value.items():
            known = fields.get(name)
            if known is None:
                raise Unfit
            out, inner, as_it_is, required = known
            if type(given) is as_it_is:
                coerced[out] = given
            elif given is not Undefined:
                coerced[out] = inner(given)
            elif required:
                raise Unfit
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
    coerce, kind = type_.coerce_input_value, _kind(type_)
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


def _kind(type_: Any) -> type | None:
    """Of what kind the values are that this type takes as they are; None where each has to be looked at."""
    coerce = getattr(type_, "coerce_input_value", None)
    if coerce is None or isinstance(type_, GraphQLEnumType):
        return None
    return next((kind for built_in, kind in _AS_THEY_ARE if coerce is built_in.coerce_input_value), None)


_AS_THEY_ARE = ((GraphQLString, str), (GraphQLID, str), (GraphQLBoolean, bool))
