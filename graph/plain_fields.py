"""Selections of nothing but fields, each once and without directives: what can be answered without the general way."""

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode

from graph.context import Context


def plain_root(context: Context, root: str) -> FieldNode | None:
    """The operation's only field, where it is this one of a query, compiled and asked by an account.

    None for a document with fragments or several operations: it then has more definitions.
    """
    plan, document = context.plan, context.document
    if plan is None or document is None or context.roots != ("query", (root,)) or context.actor.kind != "ACCOUNT":
        return None
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if not len(document.definitions) == len(operations) == 1:
        return None
    return next(iter((plain_fields(operations[0].selection_set) or {}).values()), None)


def plain_fields(selections: SelectionSetNode | None) -> dict[str, FieldNode] | None:
    """Fields by their keys in the answer; None where there is anything else, or nothing."""
    found: dict[str, FieldNode] = {}
    for one in selections.selections if selections else ():
        if not isinstance(one, FieldNode) or one.directives:
            return None
        key = one.alias.value if one.alias else one.name.value
        if key in found:
            return None
        found[key] = one
    return found or None
