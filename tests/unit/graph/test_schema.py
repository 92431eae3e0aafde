"""The contract is a file, and says of everything what it is."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from graph.api import build_schema
from graph.printed import up_to_date

SCHEMA = build_schema()._schema
OURS = [type_ for name, type_ in SCHEMA.type_map.items() if not name.startswith("__")]


def nameless(type_: GraphQLNamedType) -> Iterator[str]:
    """What of a type has no description."""
    if not type_.description:
        yield type_.name
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in type_.fields.items():
            if not field.description:
                yield f"{type_.name}.{name}"
            for argument, described in getattr(field, "args", {}).items():
                if not described.description:
                    yield f"{type_.name}.{name}({argument})"
    if isinstance(type_, GraphQLEnumType):
        yield from (f"{type_.name}.{name}" for name, value in type_.values.items() if not value.description)


def test_everything_is_described() -> None:
    assert [name for type_ in OURS for name in nameless(type_)] == []


def test_the_file_says_what_the_code_says() -> None:
    assert up_to_date(), "run `khaibao schema --write` and look at the difference"


def test_every_mutation_says_what_it_refuses() -> None:
    assert SCHEMA.mutation_type
    problem = SCHEMA.type_map["Problem"]
    assert isinstance(problem, GraphQLInterfaceType)
    refusing = {name: get_named_type(field.type) for name, field in SCHEMA.mutation_type.fields.items()}
    del refusing["signOut"]
    for name, union in refusing.items():
        assert isinstance(union, GraphQLUnionType), name
        assert any(problem in member.interfaces for member in union.types), name


def test_every_root_list_is_a_connection() -> None:
    assert SCHEMA.query_type
    for name, field in SCHEMA.query_type.fields.items():
        if name.endswith("s") and name != "alerts":
            assert "[" not in str(field.type), name
        if str(get_named_type(field.type)).endswith("Connection"):
            assert {"first", "after"} <= set(field.args), name
