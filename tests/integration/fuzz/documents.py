"""Documents around a drawn operation: as it is, with its values written into it, with others beside it, or mangled."""

import json
import random
import re
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInputType, GraphQLList, get_nullable_type

from tests.integration.fuzz.odd import Raw
from tests.integration.scope.shape import Selected, Shape

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\.\.\.|\S|\s+')
_ODD_TOKENS = [
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "!",
        "$",
        ":",
        "@",
        "...",
        "|",
        "&",
        '"',
        '"""',
        "\\",
        "#",
        "\0",
        "\ufeff",
        "\u202e",
    ),
    *("query", "mutation", "subscription", "fragment", "on", "null", "true", "1e999", "9" * 50, "-", "-0", "1.", "$v0"),
    *('"\\u0000"', '"\\uD800"', '"\\u{110000}"', '"\\u{1F600}"', '"""\\"""', "@skip(if: true)", "@include(if: null)"),
    *(
        "@deprecated",
        "__typename",
        "__schema{types{name}}",
        '__type(name:"Case"){fields{name}}',
        "...F",
        "type X{a:Int}",
    ),
    *(
        "extend schema @a",
        "{ a: a: a }",
        "$v0: Int = null",
        "@defer",
        "@stream",
        "\U0010ffff",
        "é",
        "schema{query:Query}",
    ),
]


def with_literals(shape: Shape, values: dict[str, Any]) -> str:
    """The operation with each value in the place of its variable; what has no value is left away."""

    def field(one: Selected) -> str:
        inside = f" {{ {' '.join(field(below) for below in one.below)} }}" if one.below else ""
        if one.on:
            return f"... on {one.on}{inside}"
        given = [
            f"{slot.argument}: {literal(slot.type_, values[slot.variable])}"
            for slot in one.slots
            if slot.variable in values
        ]
        arguments = f"({', '.join(given)})" if given else ""
        return f"{f'{one.alias}: ' if one.alias else ''}{one.name}{arguments}{inside}"

    return f"{shape.root} {{ {field(shape.selected)} }}"


def literal(type_: GraphQLInputType | None, value: Any) -> str:
    """A value as GraphQL writes it, an enum's without quotes."""
    bare = get_nullable_type(type_) if type_ else None
    match value:
        case Raw():
            return value.text
        case None | bool():
            return json.dumps(value)
        case str():
            return value if isinstance(bare, GraphQLEnumType) and value else json.dumps(value)
        case list():
            inner = bare.of_type if isinstance(bare, GraphQLList) else None
            return f"[{', '.join(literal(inner, one) for one in value)}]"
        case dict():
            fields = bare.fields if isinstance(bare, GraphQLInputObjectType) else {}
            pairs = (
                f"{name}: {literal(fields[name].type if name in fields else None, one)}" for name, one in value.items()
            )
            return f"{{{', '.join(pairs)}}}"
        case _:
            return json.dumps(value)


def together(first: Shape, second: Shape, chance: random.Random) -> str:
    """Both in one document, the variables of the second renamed by being left away; with fragments and directives."""
    bare = with_literals(second, {})[len(second.root) + 3 : -2]
    declared = ", ".join(f"${slot.variable}: {slot.type_}" for slot in first.slots)
    head = f"{first.root}{f'({declared})' if declared else ''}"
    match chance.randrange(5):
        case 0:
            return f"{head} {{ {first.selected.text()} again: {first.selected.text()} other: {bare} }}"
        case 1:
            return f"{head} {{ ...F }} fragment F on {first.root.capitalize()} {{ {first.selected.text()} }}"
        case 2:
            said = "@include(if: true) @skip(if: false)"
            return f"{head} {{ ... {said} {{ {first.selected.text()} }} __typename }}"
        case 3:
            return f"{head} {{ {first.selected.text()} }} {second.root} Other {{ {bare} }}"
        case _:
            return f"{head} {{ {first.selected.text()} }} fragment F on Query {{ ...F }}"


def mangled(text: str, chance: random.Random) -> str:
    """The document with some of its tokens taken, doubled, moved, or odd ones put between them."""
    tokens = _TOKEN.findall(text)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        place = chance.randrange(len(tokens)) if tokens else 0
        match chance.randrange(7):
            case 0:
                del tokens[place : place + chance.choice([1, 1, 3])]
            case 1:
                tokens[place:place] = tokens[place : place + chance.choice([1, 4, 12])]
            case 2:
                tokens.insert(place, f" {chance.choice(_ODD_TOKENS)} ")
            case 3 if tokens:
                tokens[place] = f" {chance.choice(_ODD_TOKENS)} "
            case 4:
                other = chance.randrange(len(tokens)) if tokens else 0
                if tokens:
                    tokens[place], tokens[other] = tokens[other], tokens[place]
            case 5:
                del tokens[place:]
            case _ if tokens:
                word = tokens[place]
                tokens[place] = chance.choice([word.upper(), word + "x", word[:-1], word * 2])
    return "".join(tokens)
