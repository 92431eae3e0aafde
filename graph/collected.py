"""The operations of a client's source files, each as the one document that it sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from graph.documents import Documents, Unfit
from graph.limits import Limits
from graph.manifest import Entry, sha256

_ENDINGS = (".graphql", ".gql")


@dataclass(frozen=True, slots=True)
class Found:
    """What files hold, and what is wrong with them, a line each."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def collect(folder: Path) -> Found:
    """The operations of all files of a folder, with the fragments that each of them uses, whichever file those are in.

    Every operation needs a name, because clients find it in the manifest by that.
    """
    operations: list[tuple[Path, OperationDefinitionNode]] = []
    fragments: dict[str, FragmentDefinitionNode] = {}
    found = Found()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS):
        try:
            document = parse(path.read_text(encoding="utf-8"))
        except (GraphQLError, OSError, UnicodeDecodeError) as error:
            found.faults.append(f"{path}: {error.message if isinstance(error, GraphQLError) else error}")
            continue
        for definition in document.definitions:
            match definition:
                case OperationDefinitionNode(name=None):
                    found.faults.append(f"{path}: an operation has no name")
                case OperationDefinitionNode():
                    operations.append((path, definition))
                case FragmentDefinitionNode() if definition.name.value in fragments:
                    found.faults.append(f"{path}: there is another fragment {definition.name.value}")
                case FragmentDefinitionNode():
                    fragments[definition.name.value] = definition
                case _:
                    found.faults.append(f"{path}: holds something that is neither an operation nor a fragment")
    taken: dict[str, Path] = {}
    for path, operation in operations:
        name = operation.name.value if operation.name else ""
        if name in taken:
            found.faults.append(f"{path}: {name} is the name of an operation in {taken[name]} as well")
            continue
        taken[name] = path
        used = _used(operation, fragments)
        body = print_ast(DocumentNode(definitions=(operation, *(fragments[one] for one in used))))
        found.entries.append(Entry(sha256(body), body, name, operation.operation.value))
    return found


def faults(schema: GraphQLSchema, entries: list[Entry], limits: Limits) -> list[str]:
    """What is wrong with the documents of a manifest: not valid, beyond the bounds, not one operation; a line each."""
    documents = Documents(schema, limits)
    found: list[str] = []
    for entry in entries:
        shown = entry.name or entry.id[:12]
        try:
            ready = documents.read(entry.body)
        except Unfit as unfit:
            found += [f"{shown}: {error.message}" for error in unfit.errors]
            continue
        names = [operation.name.value if operation.name else None for operation in ready.operations]
        kinds = [operation.operation.value for operation in ready.operations]
        if len(names) != 1:
            found.append(f"{shown}: a document of a manifest has one operation, and this has {len(names)}")
        elif entry.name not in (None, names[0]) or entry.kind not in (None, kinds[0]):
            found.append(f"{shown}: the document holds the {kinds[0]} {names[0]}, which is not what the manifest says")
    return found


class _Spreads(Visitor):
    """Notes the names of the fragments that are spread."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names.setdefault(node.name.value)


def _used(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> list[str]:
    """The fragments that an operation uses, and those that they use, by name; a missing one is left to validation."""
    found: dict[str, None] = {}
    waiting: list[Node] = [operation]
    while waiting:
        spreads = _Spreads()
        visit(waiting.pop(), spreads)
        for name in spreads.names:
            if name in fragments and name not in found:
                found[name] = None
                waiting.append(fragments[name])
    return sorted(found)
