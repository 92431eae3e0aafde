"""Drawing operations from the schema itself, so that a field that is added tomorrow is drawn tomorrow.

What was seldom answered until now is drawn more often: two in three choices go by that, the others by chance alone.
"""

import random
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import count

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from tests.architecture.reach import COVERED
from tests.integration.scope.shape import Selected, Shape, Slot

DEEPEST = 6
ALWAYS = {"id", "area", "nodes", "pageInfo", "hasNextPage", "endCursor", "disease", "from", "to", "cursor", "person"}
"""Fields that are asked for wherever they are: they say what an answer is about, or who."""
FIGURES = {"AreaSummary", "AlertSummary"}
"""Types all of whose numbers are asked for, because all are recounted."""
_MOST_BELOW = 2
_AHEAD = 4
"""How far below a field it is looked for what was seldom answered."""
_MOST_OBJECTS = 14


class Drawing:
    """Draws shapes of operations at random."""

    def __init__(self, schema: GraphQLSchema, chance: random.Random, answered: Counter[str] | None = None) -> None:
        """From this schema, with these dice; `answered` is how often each field was, and may grow meanwhile."""
        self._schema, self._chance = schema, chance
        self._answered = Counter() if answered is None else answered
        self._below_of = _below_of(schema)
        self._wants: dict[str, float] = {}
        self._numbers = count()
        self._objects = 0

    def roots(self, root: str) -> dict[str, GraphQLField]:
        """The root fields of queries, mutations or subscriptions."""
        of = {
            "query": self._schema.query_type,
            "mutation": self._schema.mutation_type,
            "subscription": self._schema.subscription_type,
        }[root]
        return of.fields if of else {}

    def wanted(self, roots: Iterable[tuple[str, str]]) -> list[float]:
        """How much each root field is wanted, from 0 to 1: 1 where something below it was never answered.

        Counted anew each time that it is asked for; the shapes that are drawn until the next time go by it.
        """
        own = {key: 1 / (1 + self._answered[key]) if key in COVERED else 0.0 for key in self._below_of}
        wants = own
        for _ in range(_AHEAD):
            wants = {
                key: max(own[key], 0.8 * max((wants[one] for one in below), default=0.0))
                for key, below in self._below_of.items()
            }
        self._wants = wants
        return [wants[f"{root.capitalize()}.{name}"] for root, name in roots]

    def shape(self, root: str, name: str) -> Shape:
        """An operation on one root field."""
        self._numbers, self._objects = count(), 0
        return Shape(root, self._field(name, root.capitalize(), self.roots(root)[name], 1, name))

    def _field(
        self, name: str, parent: str, field: GraphQLField, depth: int, hint: str, alias: str | None = None
    ) -> Selected:
        slots = tuple(
            Slot(f"v{next(self._numbers)}", argument, type_.type, f"{hint}.{argument}")
            for argument, type_ in field.args.items()
            if self._given(type_, depth)
        )
        below = self._below(get_named_type(field.type), depth + 1, hint)
        return Selected(name, parent, None, alias, slots, below)

    def _given(self, argument: GraphQLArgument, depth: int) -> bool:
        return is_required_argument(argument) or depth == 1 or self._chance.random() < 0.5

    def _below(self, type_: GraphQLNamedType, depth: int, hint: str) -> tuple[Selected, ...]:
        if is_leaf_type(type_):
            return ()
        self._objects += 1
        typename = Selected("__typename", type_.name)
        if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
            members = self._schema.get_possible_types(type_)
            # Members have fields of the same name and of different types, which one answer cannot hold: so aliases.
            inside = [
                Selected("", type_.name, member.name, None, (), self._object(member, depth, hint, f"{member.name}__"))
                for member in members
            ]
            return (typename, *inside)
        if not isinstance(type_, GraphQLObjectType):
            raise TypeError(f"{type_} is no output type")
        return (typename, *self._object(type_, depth, hint, ""))

    def _object(self, type_: GraphQLObjectType, depth: int, hint: str, prefix: str) -> tuple[Selected, ...]:
        leaves = {name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))}
        chosen = {
            name
            for name in leaves
            if name in ALWAYS or type_.name in FIGURES or type_.name.endswith("Edge") or self._chance.random() < 0.35
        }
        below = [name for name in type_.fields if name not in leaves]
        if depth < DEEPEST and self._objects < _MOST_OBJECTS:
            chosen |= {name for name in below if name in ALWAYS}
            chosen |= self._some(type_, below, min(len(below), self._chance.randint(0, _MOST_BELOW)))
        if type_.name in FIGURES and "area" in below:
            chosen.add("area")
        if not chosen:
            chosen = {"__typename"}
        return tuple(
            Selected("__typename", type_.name)
            if name == "__typename"
            else self._field(
                name,
                type_.name,
                type_.fields[name],
                depth,
                f"{hint}.{name}",
                f"{prefix}{name}" if prefix and name != "id" else None,
            )
            for name in sorted(chosen)
        )

    def _some(self, type_: GraphQLObjectType, names: list[str], how_many: int) -> set[str]:
        """So many of the fields, at most."""
        if self._chance.random() < 0.33:
            return set(self._chance.sample(names, how_many))
        wants = [0.01 + self._wants.get(f"{type_.name}.{name}", 0.0) ** 2 for name in names]
        return set(self._chance.choices(names, wants, k=how_many)) if names else set()


@cache
def _below_of(schema: GraphQLSchema) -> dict[str, tuple[str, ...]]:
    """The fields that lead to objects, as `Case.person`, each with such fields of what it leads to."""
    found: dict[str, tuple[str, ...]] = {}
    for type_ in schema.type_map.values():
        for name, field in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
            leads = get_named_type(field.type)
            if is_leaf_type(leads):
                continue
            union = isinstance(leads, GraphQLUnionType | GraphQLInterfaceType)
            members = schema.get_possible_types(leads) if union else [leads]
            found[f"{type_.name}.{name}"] = tuple(
                f"{member.name}.{one}"
                for member in members
                if isinstance(member, GraphQLObjectType)
                for one, inner in member.fields.items()
                if not is_leaf_type(get_named_type(inner.type))
            )
    return found
