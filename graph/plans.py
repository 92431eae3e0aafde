"""The plans of operations, kept beside their documents and within a bound of memory."""

from collections import OrderedDict

import strawberry

from graph.documents import Ready
from graph.engine import Plan, plan_of
from graph.limits import Limits

_LEAST = 8
"""What the smallest plan counts as, in fields: it has variables and a document, too."""


class Plans:
    """The plans of one schema."""

    def __init__(self, schema: strawberry.Schema, limits: Limits) -> None:
        """Has compiled none yet."""
        self._schema, self._limits = schema, limits
        self._kept: OrderedDict[tuple[int, str | None], tuple[Ready, Plan]] = OrderedDict()

    def of(self, ready: Ready, name: str | None) -> Plan | None:
        """The plan of one operation of a document; None where graphql-core runs it."""
        if not self._limits.compiled:
            return None
        key = id(ready), name
        if name in ready.plans:
            if key in self._kept:
                self._kept.move_to_end(key)
            return ready.plans[name]
        # A field is a token at least: what fragments repeat beyond that is not worth its memory.
        plan = ready.plans[name] = plan_of(self._schema, ready.node, name, most_fields=2 * ready.tokens)
        if plan is not None:
            self._kept[key] = ready, plan
            self._forget()
        return plan

    @property
    def size(self) -> int:
        """How many fields are kept. A plan grows while it is used, for it compiles what it meets."""
        return sum(plan.size + _LEAST for _, plan in self._kept.values())

    def _forget(self) -> None:
        size = self.size
        while size > self._limits.compiled_fields and len(self._kept) > 1:
            (_, name), (ready, plan) = self._kept.popitem(last=False)
            size -= plan.size + _LEAST
            del ready.plans[name]
