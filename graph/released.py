"""Whether the schema still keeps what the last release has promised."""

from pathlib import Path
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    Visitor,
    build_ast_schema,
    find_breaking_changes,
    parse,
    visit,
)

from graph.printed import printed

RELEASED = Path(__file__).parent / "schema" / "released.graphql"
"""The schema of the last release. It changes with a release and at no other time."""


def broken(released: str, now: str | None = None) -> list[str]:
    """What a client that was written for the schema `released` would miss in the schema `now`, or in the code's.

    What the release had marked as deprecated may go: its clients have been told. Each is a sentence, in order.
    """
    promised = visit(parse(released), _WithoutDeprecated())
    found = find_breaking_changes(_schema(promised), _schema(parse(now or printed())))
    return sorted(change.description for change in found)


def release() -> None:
    """Makes the code's schema the one that is promised."""
    RELEASED.write_text(printed(), encoding="utf-8")


def _schema(document: DocumentNode) -> GraphQLSchema:
    # What is left of a type whose every field was deprecated is no valid schema, and can be compared all the same.
    return build_ast_schema(document, assume_valid=True)


class _WithoutDeprecated(Visitor):
    """Takes out every field, argument and value that is marked as deprecated."""

    @staticmethod
    def _deprecated(node: Any) -> bool:
        return any(directive.name.value == "deprecated" for directive in node.directives or ())

    def enter_field_definition(self, node: FieldDefinitionNode, *_: Any) -> Any:
        return REMOVE if self._deprecated(node) else None

    def enter_enum_value_definition(self, node: EnumValueDefinitionNode, *_: Any) -> Any:
        return REMOVE if self._deprecated(node) else None

    def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: Any) -> Any:
        return REMOVE if self._deprecated(node) else None
