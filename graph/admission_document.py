"""What a document asks for, known before it is executed: its root fields, and where the input of each comes from."""

import re
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    value_from_ast_untyped,
)

_INPUT = "input"
_LONGEST = 20_000
_MOST_FIELDS = 100
_PARSED_A_SECOND = 40.0
_DECLARES = re.compile(r"\bmutation\b[^{]*\{[^{}]*\b(declare|checkIn)\s*\(")


@dataclass(frozen=True, slots=True)
class RootField:
    """One root field; `value` is what its input was given as."""

    name: str
    value: ValueNode | None = None

    def input(self, variables: Mapping[str, Any] | None) -> object:
        """The input as it was sent; None where there is none."""
        match self.value:
            case VariableNode():
                return (variables or {}).get(self.value.name.value)
            case ObjectValueNode():
                return value_from_ast_untyped(self.value, dict(variables or {}))
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Asked:
    """The kind of an operation and its root fields; nothing where the document is not known or cannot be read."""

    kind: str = ""
    fields: tuple[RootField, ...] = ()


UNKNOWN = Asked()


class Documents:
    """What the documents ask for that came lately; a new one is read at once only where there is room for it.

    Reading costs a hundred times what a look at a known one does, and anybody can send a new one with each request.
    """

    def __init__(self, kept: int, tokens: int) -> None:
        """Keeps so many documents, of at most so many tokens."""
        self._kept, self._tokens = kept, tokens
        self._known: OrderedDict[tuple[str, str | None], Asked] = OrderedDict()
        self._room, self._looked_at = _PARSED_A_SECOND, time.monotonic()

    def asked(self, query: str, name: str | None, *, trusted: bool) -> Asked:
        """What an operation asks for. `trusted` is who has shown to be of the staff: theirs are always read."""
        key = (query, name)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return found
        if len(query) > _LONGEST or not (self._take() or trusted):
            # At a glance: what may be a declaration waits with declarations, and nothing else is believed.
            return Asked("mutation", (RootField("declare"),)) if _DECLARES.search(query[:_LONGEST]) else UNKNOWN
        found = self._known[key] = _read(query, name, self._tokens)
        if len(self._known) > self._kept:
            self._known.popitem(last=False)
        return found

    def _take(self) -> bool:
        now = time.monotonic()
        self._room = min(_PARSED_A_SECOND, self._room + (now - self._looked_at) * _PARSED_A_SECOND)
        self._looked_at = now
        if self._room < 1:
            return False
        self._room -= 1
        return True


def _read(query: str, name: str | None, tokens: int) -> Asked:
    try:
        document = parse(query, no_location=True, max_lexical_tokens=tokens)
    except (GraphQLError, RecursionError, ValueError, TypeError):
        # GraphQL itself says what is wrong with it.
        return UNKNOWN
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and (
            not name or (definition.name is not None and definition.name.value == name)
        ):
            return Asked(definition.operation.value, tuple(_fields(definition.selection_set, document)))
    return UNKNOWN


def _fields(selections: SelectionSetNode, document: DocumentNode) -> Iterator[RootField]:
    """Not yet validated: a fragment may spread itself, or double with each level, so each is entered once."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    waiting, entered, found = [selections], set[str](), 0
    while waiting:
        for selection in waiting.pop().selections:
            match selection:
                case FieldNode():
                    value = next((one.value for one in selection.arguments or () if one.name.value == _INPUT), None)
                    yield RootField(selection.name.value, value)
                    if (found := found + 1) >= _MOST_FIELDS:
                        return
                case InlineFragmentNode():
                    waiting.append(selection.selection_set)
                case FragmentSpreadNode() if selection.name.value not in entered:
                    entered.add(selection.name.value)
                    if fragment := fragments.get(selection.name.value):
                        waiting.append(fragment.selection_set)
