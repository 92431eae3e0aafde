"""What the schema has said of itself: as long as a process runs, it says the same again."""

from typing import TYPE_CHECKING

from graph.context import Context

if TYPE_CHECKING:
    from graph.running import Answer

_KEPT = 8
_SCHEMA = frozenset({"__schema", "__type"})


class Introspected:
    """The last answers to questions of nothing but the schema.

    The usual question keeps the whole process busy for half a second, and an explorer asks it for each of its tabs.
    """

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._answers: dict[tuple[str, str | None], Answer] = {}

    def known(self, context: Context) -> "Answer | None":
        """The answer that was kept of the same document."""
        return self._answers.get(_key(context))

    def keep(self, context: Context, answer: "Answer") -> None:
        """Keeps the answer to a document that asks of nothing but the schema, and has no variables to ask with."""
        kind, fields = context.roots
        if kind == "query" and fields and _SCHEMA.issuperset(fields) and not context.request.variables:
            if answer.errors:
                return
            if len(self._answers) >= _KEPT:
                del self._answers[next(iter(self._answers))]
            self._answers[_key(context)] = answer


def _key(context: Context) -> tuple[str, str | None]:
    return context.request.query, context.request.operation_name
