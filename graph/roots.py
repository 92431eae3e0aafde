"""Which root fields an operation asks for: what it is called in figures, traces and the log."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_UNKNOWN = "invalid"

INVALID = (_UNKNOWN, (_UNKNOWN,))
"""What an operation is called whose document was refused: its words are a caller's, and there is no end of them."""


def roots_of(document: DocumentNode, name: str | None) -> tuple[str, tuple[str, ...]]:
    """The kind of the operation and its root fields, each once, of a document that is valid."""
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and (
            not name or (definition.name is not None and definition.name.value == name)
        ):
            found = dict.fromkeys(_fields(definition.selection_set, document))
            return definition.operation.value, tuple(found)
    return INVALID


def _fields(selections: SelectionSetNode, document: DocumentNode) -> Iterator[str]:
    for selection in selections.selections:
        match selection:
            case FieldNode():
                yield selection.name.value
            case InlineFragmentNode():
                yield from _fields(selection.selection_set, document)
            case FragmentSpreadNode():
                for definition in document.definitions:
                    if isinstance(definition, FragmentDefinitionNode) and definition.name.value == selection.name.value:
                        yield from _fields(definition.selection_set, document)
