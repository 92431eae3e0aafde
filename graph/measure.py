"""The one rule that measures what an operation asks for: linear in the document, whatever its fragments do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
)
from graphql.type import get_nullable_type

from services.page import DEFAULT_PAGE, LARGEST_PAGE

_INTROSPECTION = frozenset({"__schema", "__type"})
_LIST = 10
"""Rows assumed of a list that has no page size."""


@dataclass(eq=False, slots=True)
class Paged:
    """A page whose size comes in a variable; `below` is what is asked of each of its rows."""

    variable: str
    below: "Cost"


@dataclass(slots=True)
class Cost:
    """Fields times rows: a figure, and so many times each page whose size is known only with the variables.

    A page stands in it once, however often fragments repeat it, so that it never grows beyond the document.
    """

    fixed: int = 0
    pages: dict[Paged, int] = field(default_factory=dict)

    def add(self, other: "Cost", times: int = 1) -> None:
        """Takes up another cost so many times."""
        self.fixed += other.fixed * times
        for page, count in other.pages.items():
            self.pages[page] = self.pages.get(page, 0) + count * times

    def at(self, sizes: Mapping[str, int], otherwise: int) -> int:
        """The figure with these sizes of pages; `otherwise` is that of a variable which is not among them."""
        known: dict[Paged, int] = {}

        def figure(cost: Cost) -> int:
            total = cost.fixed
            for page, count in cost.pages.items():
                if page not in known:
                    known[page] = sizes.get(page.variable, otherwise) * figure(page.below)
                total += count * known[page]
            return total

        return figure(self)


@dataclass(slots=True)
class Measure:
    """What a selection asks for: its levels, its renamed fields, its own fields, its introspections, its pages."""

    depth: int = 0
    aliases: int = 0
    width: int = 0
    introspections: int = 0
    cost: Cost = field(default_factory=Cost)

    def take(self, other: "Measure") -> None:
        """Takes up what stands beside it."""
        self.depth = max(self.depth, other.depth)
        self.aliases += other.aliases
        self.width += other.width
        self.introspections += other.introspections
        self.cost.add(other.cost)


class Ruler:
    """Measures each fragment once. Spreading it again adds its measure, so doubling fragments cost nothing here."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        """Measures nothing yet."""
        self._schema = schema
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure | None] = {}
        self.pages: set[int] = set()
        """The sizes of pages that stand in the document itself."""
        self.most_directives = 0
        """The most directives that one place has."""

    def operation(self, node: OperationDefinitionNode) -> Measure:
        """What one operation asks for."""
        self._directives(node.directives)
        for variable in node.variable_definitions or ():
            self._directives(variable.directives)
        roots = {
            OperationType.QUERY: self._schema.query_type,
            OperationType.MUTATION: self._schema.mutation_type,
            OperationType.SUBSCRIPTION: self._schema.subscription_type,
        }
        return self._selections(node.selection_set, roots[node.operation])

    def _selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None) -> Measure:
        total = Measure()
        for selection in node.selections:
            self._directives(selection.directives)
            match selection:
                case FieldNode():
                    total.take(self._field(selection, parent))
                case FragmentSpreadNode():
                    total.take(self._fragment(selection.name.value))
                case InlineFragmentNode():
                    total.take(self._selections(selection.selection_set, self._condition(selection) or parent))
                case _:
                    continue
        return total

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Measure:
        found = Measure(1, 1 if node.alias else 0, 1, cost=Cost(1))
        if node.selection_set is None:
            return found
        known = parent.fields.get(node.name.value) if isinstance(parent, _WITH_FIELDS) else None
        below = self._selections(node.selection_set, get_named_type(known.type) if known else None)
        found.aliases += below.aliases
        found.introspections = below.introspections
        if node.name.value in _INTROSPECTION:
            # Every tool asks for the whole schema, 14 levels deep; graphql-core itself refuses to go round in it.
            found.introspections += 1
            found.cost.add(below.cost)
            return found
        found.depth += below.depth
        # An unknown field is refused by the validation that follows.
        rows = self._rows(node, parent, known.type) if known and parent else 1
        if isinstance(rows, str):
            found.cost.add(Cost(0, {Paged(rows, below.cost): 1}))
        else:
            found.cost.add(below.cost, rows)
        return found

    def _fragment(self, name: str) -> Measure:
        if name in self._measured:
            # None is a fragment that spreads itself, which the validation that follows refuses.
            return self._measured[name] or Measure()
        self._measured[name] = None
        node = self._fragments.get(name)
        if node is None:
            return Measure()
        self._directives(node.directives)
        found = self._selections(node.selection_set, self._condition(node))
        self._measured[name] = found
        return found

    def _condition(self, node: InlineFragmentNode | FragmentDefinitionNode) -> GraphQLNamedType | None:
        condition = node.type_condition
        return self._schema.type_map.get(condition.name.value) if condition else None

    def _directives(self, found: tuple[DirectiveNode, ...] | None) -> None:
        self.most_directives = max(self.most_directives, len(found or ()))

    def _rows(self, node: FieldNode, parent: GraphQLNamedType, type_: Any) -> int | str:
        """How many rows a field may have; the name of a variable where only that says it."""
        if get_named_type(type_).name.endswith("Connection"):
            for argument in node.arguments or ():
                if argument.name.value == "first":
                    match argument.value:
                        case IntValueNode(value=text):
                            # Not of thousands of digits: the validation refuses what is no Int of GraphQL.
                            size = int(text) if len(text) < 12 else LARGEST_PAGE
                            self.pages.add(size)
                            return min(max(size, 1), LARGEST_PAGE)
                        case VariableNode(name=name):
                            return name.value
                        case _:
                            return DEFAULT_PAGE
            return DEFAULT_PAGE
        if is_list_type(get_nullable_type(type_)) and not parent.name.endswith("Connection"):
            return _LIST
        return 1


_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)
