"""Pages that show columns and nothing else: read in one go, and written into the answer as they come.

No row is made an object and no field is called; whatever is asked for besides goes the general way, which the tests
hold to be the same. Whoever asks the same at the same moment, with the same sight, shares the reading and its JSON.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import orjson
from graphql import DocumentNode, OperationDefinitionNode

from access.policy import Action
from graph.context import Context
from graph.engine import Plan, Ready
from graph.plain_fields import plain_fields
from graph.plain_shown import TYPENAME, Fields, Selection, Shown, selected
from services.columns import Columns
from services.danger_order import reads_alone
from services.place import own_range

_PAGE_INFO = {name: Shown(name) for name in (TYPENAME, "hasNextPage", "hasPreviousPage", "startCursor", "endCursor")}


@dataclass(frozen=True, slots=True)
class PlainPage:
    """What a document asks of a page of this type: `keys` are those of the page and what each holds."""

    typename: str
    keys: tuple[tuple[str, str], ...]
    nodes: Selection
    page_info: Selection
    columns: Sequence[str]
    """What has to be read, each once."""

    def answered(self, page: Columns, after: str | None) -> Ready:
        """The page as the answer has it."""
        made: dict[str, Callable[[], Any]] = {
            TYPENAME: lambda: self.typename,
            "nodes": lambda: self.nodes.of(page.values),
            "pageInfo": lambda: self.page_info.of(_page_info(page, after))[0],
        }
        # Its JSON is made here, and once for all who share it.
        return Ready(orjson.Fragment(orjson.dumps({key: made[name]() for key, name in self.keys})))


def _page_info(page: Columns, after: str | None) -> dict[str, Sequence[Any]]:
    cursors = page.cursors
    return {
        TYPENAME: ["PageInfo"],
        "hasNextPage": [page.has_next],
        "hasPreviousPage": [after is not None],
        "startCursor": [cursors[0] if cursors else None],
        "endCursor": [cursors[-1] if cursors else None],
    }


_known: "WeakKeyDictionary[Plan, PlainPage | None]" = WeakKeyDictionary()


def plain_page(context: Context, root: str, typename: str, fields: Fields) -> PlainPage | None:
    """The page that the operation asks for, where it is this root field alone, with nothing but these fields of rows of
    this type.

    None for any other, for one with fragments or directives, and where graphql-core runs it.
    """
    plan, document = context.plan, context.document
    if plan is None or document is None or context.roots != ("query", (root,)) or context.actor.kind != "ACCOUNT":
        return None
    if plan not in _known:
        _known[plan] = page_in(document, root, typename, fields)
    return _known[plan]


class Wanted(Protocol):
    """What a list is narrowed to."""

    @property
    def area_id(self) -> str | None:
        """The area; None for one's own."""

    @property
    def states(self) -> Collection[Enum] | None:
        """The states; None for all."""

    @property
    def unconditional(self) -> bool:
        """Whether there is nothing else, so that one plan is good for all."""


async def read_plain(
    context: Context,
    plain: PlainPage,
    action: Action,
    wanted: Wanted,
    first: int | None,
    after: str | None,
    read: Callable[[Any], Awaitable[Columns]],
) -> Ready:
    """The answer, noted in the trail as shown: without a transaction around its reading where its range is fit for
    that. `read` reads the page with a connection, or alone."""
    actor, operation = context.actor, context.operation

    async def made(reader: Any) -> tuple[Ready, Sequence[str]]:
        page = await read(reader)
        return plain.answered(page, after), page.ids

    where = own_range(actor, action, wanted.area_id) if wanted.unconditional else None
    if where is not None and await reads_alone(where) and (alone := operation.alone()) is not None:
        states = None if wanted.states is None else frozenset(wanted.states)
        asked = context.plan, states, first, after
        answer, ids = await operation.shared(context.runtime.reading, alone, asked, partial(made, alone))
    else:
        async with operation.reading() as connection:
            answer, ids = await made(connection)
    operation.seen.page(action.value, ids, wanted.area_id or actor.area_id)
    return answer


def page_in(document: DocumentNode, root: str, typename: str, fields: Fields) -> PlainPage | None:
    """What a valid document asks of the page that a root field is; None for all that is not as plain as that."""
    operation = document.definitions[0]
    # With fragments or several operations there are more definitions.
    if len(document.definitions) > 1 or not isinstance(operation, OperationDefinitionNode):
        return None
    roots = plain_fields(operation.selection_set)
    if roots is None or [node.name.value for node in roots.values()] != [root]:
        return None
    parts = plain_fields(next(iter(roots.values())).selection_set) or {}
    keys = tuple((key, node.name.value) for key, node in parts.items())
    known: dict[str, Fields] = {"nodes": fields, "pageInfo": _PAGE_INFO}
    if not keys or len({name for _, name in keys}) < len(keys):
        return None
    below: dict[str, Selection] = {}
    for node in parts.values():
        if (name := node.name.value) == TYPENAME:
            continue
        found = selected(node.selection_set, known[name]) if name in known else None
        if found is None:
            return None
        below[name] = found
    nodes, page_info = (below.get(name, Selection()) for name in ("nodes", "pageInfo"))
    return PlainPage(f"{typename}Connection", keys, nodes, page_info, nodes.columns)
