"""What a case shows of photos."""

import strawberry

from graph.context import Info
from graph.schema.evidence import Evidence
from graph.schema.resolved import resolved
from services import rows


@strawberry.type
class Evidenced:
    """The part of a case that is about photos."""

    row: strawberry.Private[rows.Case]

    @resolved("Photos of tests and identity papers, newest first; at most 50. Empty for whoever may not see them.")
    async def evidence(self, info: Info) -> list[Evidence]:
        """Loaded for all cases of the answer at once."""
        return [Evidence.of(row) for row in await info.context.loaders.case_evidence.load(self.row.id) or ()]
