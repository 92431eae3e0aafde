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
    value_from_ast_untyped,
)

from access.policy import Action
from graph.admission_lane import JUDGED, Lane, lane_of
from graph.limits import Limits
from graph.parsed import Parsed, parse_document

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
    """The kind of an operation and its root fields; nothing where the document is not known or cannot be read.

    `lane` is what it comes into, `staff_lane` where staff ask it; `judged` the field that is looked at for red signs.
    """

    kind: str = ""
    fields: tuple[RootField, ...] = ()
    lane: Lane = Lane.PUBLIC
    staff_lane: Lane = Lane.STAFF
    judged: RootField | None = None


UNKNOWN = Asked()


class Documents:
    """What the documents ask for that came lately; a new one is read at once only where there is room for it.

    Reading costs a hundred times what a look at a known one does, and anybody can send a new one with each request.
    """

    def __init__(self, limits: Limits, actions: Mapping[tuple[str, str], Action], parsed: Parsed) -> None:
        """Keeps as many as the limits say. `actions` are by kind and name of a root field; what was parsed goes over to
        `parsed`, for whoever runs it."""
        self._limits, self._actions, self._parsed = limits, actions, parsed
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
            return self._placed("mutation", (RootField("declare"),)) if _DECLARES.search(query[:_LONGEST]) else UNKNOWN
        found = self._known[key] = self._placed(*self._read(query, name))
        if len(self._known) > self._limits.documents_kept:
            self._known.popitem(last=False)
        return found

    def _read(self, query: str, name: str | None) -> tuple[str, tuple[RootField, ...]]:
        try:
            document = parse_document(query, self._limits)
        except (GraphQLError, RecursionError, ValueError, TypeError):
            # GraphQL itself says what is wrong with it.
            return "", ()
        self._parsed.hand_over(query, document)
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode) and (
                not name or (definition.name is not None and definition.name.value == name)
            ):
                return definition.operation.value, tuple(_fields(definition.selection_set, document))
        return "", ()

    def _placed(self, kind: str, fields: tuple[RootField, ...]) -> Asked:
        actions = [self._actions.get((kind, one.name)) for one in fields]
        # Of several the least urgent counts: nothing is brought forward by what it is sent together with.
        lane = max((lane_of(kind, action, staff=False) for action in actions), default=Lane.PUBLIC)
        staff_lane = max((lane_of(kind, action, staff=True) for action in actions), default=Lane.STAFF)
        return Asked(kind, fields, lane, staff_lane, fields[0] if len(fields) == 1 and actions[0] in JUDGED else None)

    def _take(self) -> bool:
        now = time.monotonic()
        self._room = min(_PARSED_A_SECOND, self._room + (now - self._looked_at) * _PARSED_A_SECOND)
        self._looked_at = now
        if self._room < 1:
            return False
        self._room -= 1
        return True


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
