"""Declarations: to send, to find again, to read."""

from functools import partial
from typing import Annotated, cast

import strawberry

from access.policy import Action
from graph.context import Info
from graph.plain_page import plain_page, read_plain
from graph.schema.arguments import After, AreaId, Disease, First, area_key
from graph.schema.declaration import COLUMNS, Declaration
from graph.schema.declare_input import DeclareInput
from graph.schema.enums import DeclarationState
from graph.schema.page import Connection, connected
from graph.schema.payload import DeclareResult
from graph.schema.receipt import Receipt, ReceiptStatus
from graph.schema.resolved import mutating, querying
from services.declare import declare
from services.list_declarations import DeclarationFilter, columns_of_declarations, list_declarations
from services.read_receipt import read_receipt


@strawberry.type
class DeclarationQuery:
    """To find again and to read."""

    @querying("The declarations of an area, most dangerous first, then the oldest.", Action.SEE_DECLARATIONS)
    async def declarations(
        self,
        info: Info,
        area_id: AreaId = None,
        states: Annotated[
            list[DeclarationState] | None, strawberry.argument(description="Only those in these states.")
        ] = None,
        possible_duplicate: Annotated[
            bool | None, strawberry.argument(description="Only possible duplicates, or only the others.")
        ] = None,
        disease: Disease = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Declaration]:
        """One page."""
        context, wanted = info.context, DeclarationFilter(area_key(area_id), states, possible_duplicate, disease)
        actor = context.account()
        if plain := plain_page(context, "declarations", "Declaration", COLUMNS):
            read = partial(columns_of_declarations, actor, wanted, plain.columns, first, after)
            ready = await read_plain(context, plain, Action.SEE_DECLARATIONS, wanted, first, after, read)
            return cast(Connection[Declaration], ready)
        async with context.operation.reading() as connection:
            page = await list_declarations(actor, connection, wanted, first, after)
        shown = (row.id for row in page.items)
        context.operation.seen.page("see_declarations", shown, wanted.area_id or actor.area_id)
        return connected(page, Declaration.of, after)

    @querying(
        "Where a receipt stands. Its code is all that is needed, and opens nothing of a person.", Action.SEE_RECEIPT
    )
    async def receipt(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="As on the receipt; case and dash do not matter.")],
    ) -> ReceiptStatus | None:
        """Refused as NOT_FOUND where no such code was ever given."""
        context = info.context
        return ReceiptStatus.of(await read_receipt(context.runtime, context.actor.origin, code), context.language)


@strawberry.type
class DeclarationMutation:
    """To send."""

    @mutating("Declares the ill people of a household. Needs no session.", Action.DECLARE)
    async def declare(self, info: Info, input: DeclareInput) -> DeclareResult:
        """The receipt."""
        receipt = await declare(info.context.runtime, info.context.actor, input.household())
        return Receipt.of(receipt, info.context.language)
