"""What a case shows of where it went."""

import strawberry

from graph.context import Info
from graph.schema.resolved import resolved
from graph.schema.transfer import Transfer
from services import rows


@strawberry.type
class PassedOn:
    """The part of a case that is about other wards."""

    row: strawberry.Private[rows.Case]

    @resolved("Where it went, and where it is to go, newest first; at most 50.")
    async def transfers(self, info: Info) -> list[Transfer]:
        """Loaded for all cases of the answer at once."""
        return [Transfer.of(row) for row in await info.context.loaders.case_transfers.load(self.row.id) or ()]
