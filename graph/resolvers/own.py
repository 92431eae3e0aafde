"""What a resident has declared: to see it, to claim it, to take it along."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.arguments import After, First
from graph.schema.declaration import Declaration
from graph.schema.inputs import ClaimReceiptInput
from graph.schema.own import MyData, ReceiptClaimed
from graph.schema.page import Connection, connected
from graph.schema.payload import ClaimReceiptResult
from graph.schema.resolved import mutating, querying
from services.claim_receipt import claim_receipt
from services.export_own import export_own
from services.list_own import list_own


@strawberry.type
class OwnQuery:
    """To see."""

    @querying("What your phone has declared and nobody else's, newest first.", Action.SEE_OWN)
    async def my_declarations(self, info: Info, first: First = None, after: After = None) -> Connection[Declaration]:
        """One page."""
        context = info.context
        async with context.operation.reading() as connection:
            page = await list_own(context.actor, connection, first, after)
        return connected(page, Declaration.of, after)

    @querying(
        "Everything that is held of what your phone has declared, and who has looked at it. That you asked is audited.",
        Action.EXPORT_OWN,
    )
    async def export_my_data(self, info: Info) -> MyData:
        """Of one moment."""
        context = info.context
        return MyData.of(await export_own(context.runtime, context.actor, context.operation))


@strawberry.type
class OwnMutation:
    """To claim."""

    @mutating(
        "Opens what was declared before its code had come to the phone that it names. Claiming again changes nothing.",
        Action.CLAIM_RECEIPT,
    )
    async def claim_receipt(self, info: Info, input: ClaimReceiptInput) -> ClaimReceiptResult:
        """The declarations; NOT_FOUND for an unknown code as for another phone's."""
        context = info.context
        ids = await claim_receipt(context.runtime, context.actor, input.code)
        await context.next_mutation()
        rows = await context.loaders.declarations.load_many(ids)
        return ReceiptClaimed(declarations=[Declaration.of(row) for row in rows if row])
