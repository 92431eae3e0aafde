"""Every bound of the API in one place, and the one rule that measures a document against them."""

from dataclasses import dataclass

from graphql import (
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
    get_named_type,
    is_list_type,
)
from graphql.type import GraphQLOutputType, get_nullable_type

from graph.admission_bounds import AdmissionBounds
from services.page import DEFAULT_PAGE, LARGEST_PAGE

_INTROSPECTION = frozenset({"__schema", "__type"})
_LIST = 10
"""Rows assumed of a list that has no page size."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask for at once. Sizes in bytes, times in seconds."""

    body: int = 1_000_000
    body_seconds: float = 15.0
    tokens: int = 2_000
    depth: int = 12
    aliases: int = 30
    cost: int = 60_000
    documents_kept: int = 512
    operation_seconds: float = 20.0
    socket_init_seconds: float = 10.0
    socket_idle_seconds: float = 60.0
    socket_operations: int = 50
    socket_subscriptions: int = 50
    account_sockets: int = 100
    account_operations: int = 500
    account_subscriptions: int = 300
    address_sockets: int = 5_000
    socket_send_seconds: float = 10.0
    heartbeat_seconds: float = 15.0
    admission: AdmissionBounds = AdmissionBounds()


@dataclass(frozen=True, slots=True)
class Measure:
    """What a document asks for: levels, renamed fields, and fields times the rows they may be asked of."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0


def excess(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> str | None:
    """Which bound the document breaks, in a sentence; None where it breaks none."""
    ruler = _Ruler(schema, document)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            found = ruler.operation(definition)
            # Without the measured figure: of nested fragments it can have thousands of digits.
            if found.depth > limits.depth:
                return f"The operation is nested too deeply; at most {limits.depth} levels are allowed."
            if found.aliases > limits.aliases:
                return f"The operation has too many aliases; at most {limits.aliases} are allowed."
            if found.cost > limits.cost:
                return f"The operation costs too much; at most {limits.cost} fields times rows are allowed."
    return None


class _Ruler:
    """Measures each fragment once. Spreading it again adds its measure, so doubling fragments cost nothing here."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure | None] = {}

    def operation(self, node: OperationDefinitionNode) -> Measure:
        roots = {
            OperationType.QUERY: self._schema.query_type,
            OperationType.MUTATION: self._schema.mutation_type,
            OperationType.SUBSCRIPTION: self._schema.subscription_type,
        }
        return self._selections(node.selection_set, roots[node.operation])

    def _selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None) -> Measure:
        depth = aliases = cost = 0
        for selection in node.selections:
            match selection:
                case FieldNode():
                    found = self._field(selection, parent)
                case FragmentSpreadNode():
                    found = self._fragment(selection.name.value)
                case InlineFragmentNode(type_condition=None):
                    found = self._selections(selection.selection_set, parent)
                case InlineFragmentNode():
                    found = self._selections(selection.selection_set, self._condition(selection))
                case _:
                    continue
            depth = max(depth, found.depth)
            aliases += found.aliases
            cost += found.cost
        return Measure(depth, aliases, cost)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Measure:
        renamed = 1 if node.alias else 0
        if node.selection_set is None:
            return Measure(1, renamed, 1)
        field = None
        if isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
            field = parent.fields.get(node.name.value)
        below = self._selections(node.selection_set, get_named_type(field.type) if field else None)
        if node.name.value in _INTROSPECTION:
            # Every tool asks for the whole schema, 14 levels deep; graphql-core itself refuses to go round in it.
            return Measure(1, renamed + below.aliases, 1 + below.cost)
        # An unknown field is refused by the validation that follows.
        rows = _rows(node, parent, field.type) if field and parent else 1
        return Measure(1 + below.depth, renamed + below.aliases, 1 + rows * below.cost)

    def _fragment(self, name: str) -> Measure:
        if name in self._measured:
            # None is a fragment that spreads itself, which the validation that follows refuses.
            return self._measured[name] or Measure()
        self._measured[name] = None
        node = self._fragments.get(name)
        if node is None:
            return Measure()
        found = self._selections(node.selection_set, self._condition(node))
        self._measured[name] = found
        return found

    def _condition(self, node: InlineFragmentNode | FragmentDefinitionNode) -> GraphQLNamedType | None:
        condition = node.type_condition
        return self._schema.type_map.get(condition.name.value) if condition else None


def _rows(node: FieldNode, parent: GraphQLNamedType, type_: GraphQLOutputType) -> int:
    if get_named_type(type_).name.endswith("Connection"):
        for argument in node.arguments or ():
            if argument.name.value == "first":
                # A page size in a variable is not known here, because a document is measured once for all its callers.
                value = argument.value
                size = int(value.value) if isinstance(value, IntValueNode) else LARGEST_PAGE
                return min(max(size, 1), LARGEST_PAGE)
        return DEFAULT_PAGE
    if is_list_type(get_nullable_type(type_)) and not parent.name.endswith("Connection"):
        return _LIST
    return 1
