"""Which operations may be run once for many: subscriptions no field of which depends on which account asks."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    visit,
)
from strawberry.types.field import StrawberryField

from graph.schema.resolved import BY_ACCOUNT

_SUBSCRIPTION = "subscription"
_RESUME = "after"
_DEFINITION = "strawberry-definition"
_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Shareable:
    """An operation that may be run once for many; `resume` are the variables that say only where to begin."""

    resume: frozenset[str]


class ShareableOperations:
    """What is known of the documents of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        """Knows of none yet."""
        self._schema = schema
        self._known: dict[tuple[str, str | None], Shareable | None] = {}

    def find(self, text: str, name: str | None, document: DocumentNode) -> Shareable | None:
        """The operation of a valid document; None where each of its clients needs a run of its own."""
        key = (text, name)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = read_shareable(self._schema, document, name)
        return self._known[key]

    def forbid(self, text: str, name: str | None) -> None:
        """Has each client of it run for itself from here on."""
        self._known[text, name] = None


def read_shareable(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Shareable | None:
    """The same, read from the document."""
    operation = next(
        one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode) and (name is None or (one.name and one.name.value == name))
    )
    # Fragments of other operations, too: that some document shares less than it might does no harm.
    parts: list[Node] = [operation, *(one for one in document.definitions if isinstance(one, FragmentDefinitionNode))]
    found = _Found(schema)
    for part in parts:
        visit(part, TypeInfoVisitor(found.info, found))
    if operation.operation.value != _SUBSCRIPTION or found.by_account:
        return None
    return Shareable(frozenset(one for one in found.resume if found.used.count(one) == 1))


def reads_account(field: Any) -> bool:
    """Whether a field of the schema is marked as one that depends on which account asks."""
    definition = field.extensions.get(_DEFINITION) if field is not None else None
    return isinstance(definition, StrawberryField) and bool(definition.metadata.get(BY_ACCOUNT))


class _Found(Visitor):
    """What an operation asks for."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.info = TypeInfo(schema)
        self.roots: set[str] = set()
        self.by_account = False
        self.resume: set[str] = set()
        self.used: list[str] = []
        self._root = schema.subscription_type

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Takes down a root field, what it begins after, and whether a field is marked."""
        self.by_account = self.by_account or reads_account(self.info.get_field_def())
        if self.info.get_parent_type() is not self._root:
            return
        self.roots.add(node.name.value)
        for argument in node.arguments or ():
            if argument.name.value == _RESUME and isinstance(argument.value, VariableNode):
                self.resume.add(argument.value.name.value)

    def enter_variable(self, node: VariableNode, _key: Any, parent: Any, *_: Any) -> None:
        """Counts each use of a variable; its definition is none."""
        if not hasattr(parent, "default_value"):
            self.used.append(node.name.value)
