"""Which documents ask no more of a worklist than its page brings along: these are read in one go."""

from weakref import WeakKeyDictionary

from graphql import FieldNode, SelectionSetNode

from graph.context import Context
from graph.engine import Plan
from graph.schema.case import COLUMNS

# Fields by their names, wherever they stand: nothing of that name, reached through nothing but these, is looked up.
# Areas are public and remembered, so that they are of no moment that must fit to the page's.
_AT_HAND = frozenset(
    {
        *("worklist", "nodes", "edges", "node", "cursor", "pageInfo", "__typename"),
        *("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"),
        *("kind", "since", "dueAt", "why", "protocol", "toDo", "overdue", "reasons", "case", "alert"),
        *("level", "raisedAt", "acknowledgedAt", "resolvedAt", "outcome", "text", "value"),
        *("area", "code", "type", "name", "nameEn", "validFrom", "validTo"),
        *COLUMNS,
    }
)

_known: "WeakKeyDictionary[Plan, bool]" = WeakKeyDictionary()


def at_hand(context: Context) -> bool:
    """Whether the operation is one page of a worklist with what stands in its own rows; False for one that is not
    compiled, and for one with fragments."""
    plan, document = context.plan, context.document
    if plan is None or document is None or context.roots != ("query", ("worklist",)):
        return False
    if plan not in _known:
        selections = getattr(document.definitions[0], "selection_set", None)
        _known[plan] = len(document.definitions) == 1 and _plain(selections)
    return _known[plan]


def _plain(selections: SelectionSetNode | None) -> bool:
    return all(
        isinstance(one, FieldNode) and one.name.value in _AT_HAND and _plain(one.selection_set)
        for one in (selections.selections if selections else ())
    )
