"""Drawing documents and variables from a schema: everything that GraphQL has for asking, mostly valid."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

DEEPEST = 5
_SCALARS: dict[str, list[Any]] = {
    "Int": [0, 1, 2, 7, -3, 2**31 - 1],
    "Float": [0, 1, 2.5, -0.125, 1e10],
    "String": ["", "a", "đường", 'quote " and \\', "x" * 30],
    "Boolean": [True, False],
    "ID": ["a", "1", 7, "QWxlcnQ6MQ=="],
    "Date": ["2022-03-01", "2021-12-31"],
    "DateTime": ["2022-03-01T10:00:00+07:00", "2022-03-01T10:00:00"],
    "Time": ["10:00:00", "23:59:59.5"],
    "UUID": ["0190b0a0-0000-7000-8000-000000000000"],
    "Decimal": ["1.50", "7"],
}
_ODD: list[Any] = [None, "", "odd", 2**31, -(2**31) - 1, 1.5, 1e400, True, [], [None], {}, {"odd": 1}, [[1]], "NaN", 0]
_MOST_FIELDS = 24


@dataclass(slots=True)
class Variable:
    """A variable that a document declares."""

    name: str
    type_: GraphQLInputType
    default: str | None

    @property
    def text(self) -> str:
        """As it is declared."""
        return f"${self.name}: {self.type_}{f' = {self.default}' if self.default is not None else ''}"


@dataclass
class Drawn:
    """Draws one document of a schema after another."""

    schema: GraphQLSchema
    chance: random.Random
    variables: list[Variable] = field(default_factory=list)
    _fragments: list[str] = field(default_factory=list)
    _fields: int = 0

    def document(self, root: str) -> str:
        """An operation of this kind; its variables are in `variables` afterwards."""
        self.variables, self._fragments, self._fields = [], [], 0
        types = {
            "query": self.schema.query_type,
            "mutation": self.schema.mutation_type,
            "subscription": self.schema.subscription_type,
        }
        type_ = types[root]
        assert type_
        if root == "subscription":
            name = self.chance.choice(list(type_.fields))
            inside = self._field(name, type_.fields[name], 1)
        else:
            inside = self._selection(type_, 1)
        declared = f"({', '.join(one.text for one in self.variables)})" if self.variables else ""
        return "\n".join([f"{root} Drawn{declared} {{ {inside} }}", *self._fragments])

    def values(self, *, odd: float) -> dict[str, Any]:
        """A value for each variable; what need not be given sometimes is not."""
        found: dict[str, Any] = {}
        for one in self.variables:
            optional = one.default is not None or not isinstance(one.type_, GraphQLNonNull)
            if self.chance.random() < (0.3 if optional else odd):
                continue
            found[one.name] = self.value(one.type_, odd)
        if self.chance.random() < odd:
            found["nobodyAsked"] = 1
        return found

    def value(self, type_: GraphQLInputType, odd: float) -> Any:
        """A value as it is sent, now and then none of the type."""
        chance = self.chance
        if chance.random() < odd:
            return chance.choice(_ODD)
        match type_:
            case GraphQLNonNull():
                return self._sent(type_.of_type, odd)
            case _ if chance.random() < 0.1:
                return None
        return self._sent(type_, odd)

    def _sent(self, type_: Any, odd: float) -> Any:
        chance = self.chance
        match type_:
            case GraphQLList():
                if chance.random() < 0.2:
                    return self.value(type_.of_type, odd)
                return [self.value(type_.of_type, odd) for _ in range(chance.randrange(3))]
            case GraphQLEnumType():
                return chance.choice(list(type_.values))
            case GraphQLInputObjectType() if _one_of(type_):
                name = chance.choice(list(type_.fields))
                return {name: self.value(GraphQLNonNull(type_.fields[name].type), odd)}
            case GraphQLInputObjectType():
                return {
                    name: self.value(inner.type, odd)
                    for name, inner in type_.fields.items()
                    if isinstance(inner.type, GraphQLNonNull) or chance.random() < 0.3
                }
        named: Any = type_
        return chance.choice(_SCALARS.get(named.name, [1, "text", True, {"any": [1, None]}]))

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        chance, parts = self.chance, list[str]()
        if is_abstract_type(type_):
            parts.append("__typename")
            if isinstance(type_, GraphQLInterfaceType):
                parts += self._some(type_, depth)
            for member in self.schema.get_possible_types(type_):
                if chance.random() < 0.6:
                    parts.append(f"... on {member.name}{self._condition()} {{ {self._members(member, depth)} }}")
        else:
            parts += self._some(type_, depth)
            if chance.random() < 0.15:
                on = f" on {type_.name}" if chance.random() < 0.5 else ""
                parts.append(f"...{on}{self._condition()} {{ {' '.join(self._some(type_, depth))} }}")
        if hasattr(type_, "fields") and chance.random() < 0.12:
            self._fragments.append(f"fragment F{len(self._fragments)} on {type_.name} {{ __typename }}")
            number = len(self._fragments) - 1
            self._fragments[number] = f"fragment F{number} on {type_.name} {{ {' '.join(self._some(type_, depth))} }}"
            parts += [f"...F{number}{self._condition()}"] * chance.choice([1, 1, 2])
        chance.shuffle(parts)
        return " ".join(parts)

    def _members(self, member: GraphQLObjectType, depth: int) -> str:
        # Members have fields of one name and different types, which one answer cannot hold: so aliases.
        return " ".join(self._some(member, depth, prefix=f"{member.name}_"))

    def _some(self, type_: Any, depth: int, prefix: str = "") -> list[str]:
        chance, fields = self.chance, type_.fields
        inner = [name for name in fields if not is_leaf_type(get_named_type(fields[name].type))]
        leaves = [name for name in fields if name not in inner]
        chosen = chance.sample(leaves, min(len(leaves), chance.randint(1, 3)))
        if inner and depth < DEEPEST and self._fields < _MOST_FIELDS:
            chosen += chance.sample(inner, min(len(inner), chance.choice([0, 1, 1, 2] if depth > 1 else [1, 2])))
        found = [self._field(name, fields[name], depth, prefix) for name in chosen]
        if not found or chance.random() < 0.15:
            found.append("__typename")
        return found

    def _field(self, name: str, of: GraphQLField, depth: int, prefix: str = "") -> str:
        self._fields += 1
        given = [
            f"{argument}: {self._given(one)}"
            for argument, one in of.args.items()
            if is_required_argument(one) or self.chance.random() < 0.4
        ]
        arguments = f"({', '.join(given)})" if given else ""
        if arguments or prefix or self.chance.random() < 0.2:
            prefix = f"{prefix}a{self._fields}_: " if arguments else f"{prefix}{name}: " if prefix else f"b_{name}: "
        below = get_named_type(of.type)
        inside = "" if is_leaf_type(below) else f" {{ {self._selection(below, depth + 1)} }}"
        text = f"{prefix}{name}{arguments}{self._condition()}{inside}"
        if inside and self.chance.random() < 0.1:
            # Twice, and so merged, each time with other fields below.
            text += f" {prefix}{name}{arguments} {{ {self._selection(below, depth + 1)} }}"
        return text

    def _condition(self) -> str:
        if self.chance.random() > 0.07:
            return ""
        said = [f"@{self.chance.choice(['skip', 'include'])}(if: {self._boolean()})"]
        return " " + " ".join(said)

    def _boolean(self) -> str:
        if self.chance.random() < 0.4:
            return self.chance.choice(["true", "false"])
        return self._variable(GraphQLNonNull(GraphQLBoolean))

    def _given(self, argument: GraphQLArgument) -> str:
        type_ = argument.type
        if self.chance.random() < 0.55:
            return self._variable(type_)
        return self.literal(type_)

    def _variable(self, type_: Any) -> str:
        chance = self.chance
        name = f"v{len(self.variables)}"
        bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        default = None
        if chance.random() < 0.3:
            default = self._constant(bare)
            if isinstance(type_, GraphQLNonNull) and chance.random() < 0.5 and default != "null":
                # Null may be sent for it all the same, and is then refused where it is used.
                type_ = bare
        elif chance.random() < 0.2:
            type_ = GraphQLNonNull(bare)
        self.variables.append(Variable(name, type_, default))
        return f"${name}"

    def _constant(self, type_: Any) -> str:
        return self.literal(type_, constant=True)

    def literal(self, type_: Any, *, constant: bool = False) -> str:
        """A value as it stands in a document, sometimes with variables in it."""
        chance = self.chance
        match type_:
            case GraphQLNonNull():
                return self._present(type_.of_type, constant)
            case _ if chance.random() < 0.05:
                return "null"
        return self._present(type_, constant)

    def _present(self, type_: Any, constant: bool) -> str:
        chance = self.chance
        match type_:
            case GraphQLList():
                if chance.random() < 0.2:
                    return self.literal(type_.of_type, constant=constant)
                return f"[{', '.join(self._inner(type_.of_type, constant) for _ in range(chance.randrange(3)))}]"
            case GraphQLEnumType():
                return str(chance.choice(list(type_.values)))
            case GraphQLInputObjectType():
                only, fields = _one_of(type_), type_.fields
                names = [chance.choice(list(fields))] if only else list(fields)
                pairs = (
                    f"{name}: {self._inner(GraphQLNonNull(fields[name].type) if only else fields[name].type, constant)}"
                    for name in names
                    if only or isinstance(fields[name].type, GraphQLNonNull) or chance.random() < 0.3
                )
                return f"{{{', '.join(pairs)}}}"
        found = chance.choice(_SCALARS.get(type_.name, [1, "text", True]))
        return json.dumps(found, ensure_ascii=False)

    def _inner(self, type_: Any, constant: bool) -> str:
        if not constant and self.chance.random() < 0.2:
            return self._variable(type_)
        return self.literal(type_, constant=constant)


def _one_of(type_: GraphQLInputObjectType) -> bool:
    # Strawberry holds it itself, and graphql-core knows nothing of it.
    definition = type_.extensions.get("strawberry-definition")
    return type_.is_one_of or bool(definition and definition.is_one_of)
