"""Cases that go from ward to ward: to see, to send, to take."""

from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import key_of, uuid_of
from graph.schema.arguments import After, AreaId, First, area_key
from graph.schema.declaration import Declaration
from graph.schema.handling_payload import DeclarationChanged
from graph.schema.page import Connection, connected
from graph.schema.resolved import mutating, querying
from graph.schema.transfer import Transfer, TransferState
from graph.schema.transfer_payload import (
    AcceptHandOverInput,
    AcceptHandOverResult,
    CancelHandOverInput,
    CancelHandOverResult,
    HandOverCaseInput,
    HandOverCaseResult,
    RefuseHandOverInput,
    RefuseHandOverResult,
    RerouteDeclarationInput,
    RerouteDeclarationResult,
    ReturnDeclarationInput,
    ReturnDeclarationResult,
    TransferChanged,
)
from services.hand_over import accept_hand_over, cancel_hand_over, hand_over_case, refuse_hand_over
from services.list_transfers import list_transfers
from services.reroute_declaration import reroute_declaration, return_declaration


@strawberry.type
class TransferQuery:
    """To see."""

    @querying("What goes to an area, and what has left it, newest first.", Action.SEE_CASES)
    async def transfers(
        self,
        info: Info,
        area_id: AreaId = None,
        states: Annotated[
            list[TransferState] | None, strawberry.argument(description="Only those in these states.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Transfer]:
        """One page."""
        context, area = info.context, area_key(area_id)
        actor = context.account()
        async with context.operation.reading() as connection:
            page = await list_transfers(actor, connection, area, states, first, after)
        context.operation.seen.page("see_transfers", (row.case_id for row in page.items), area or actor.area_id)
        return connected(page, Transfer.of, after)


@strawberry.type
class TransferMutation:
    """To send and to take."""

    @mutating(
        "Sends a declaration on to another ward with its case: it lies there at once, and that ward accepts it or "
        "sends it back.",
        Action.HANDLE_DECLARATION,
    )
    async def reroute_declaration(self, info: Info, input: RerouteDeclarationInput) -> RerouteDeclarationResult:
        """The declaration where it lies now."""
        context, actor, id = info.context, info.context.account(), uuid_of("Declaration", input.id)
        await context.next_mutation()
        area = key_of("Area", input.area_id)
        row = await reroute_declaration(context.runtime, actor, id, area, input.reason, input.version)
        return DeclarationChanged(declaration=Declaration.of(row))

    @mutating("Sends a declaration back to the ward that it was sent on from.", Action.HANDLE_DECLARATION)
    async def return_declaration(self, info: Info, input: ReturnDeclarationInput) -> ReturnDeclarationResult:
        """The declaration where it lies now."""
        context, actor, id = info.context, info.context.account(), uuid_of("Declaration", input.id)
        await context.next_mutation()
        row = await return_declaration(context.runtime, actor, id, input.reason, input.version)
        return DeclarationChanged(declaration=Declaration.of(row))

    @mutating("Asks another ward to take a case; it stays here until that accepts.", Action.HAND_OVER_CASE)
    async def hand_over_case(self, info: Info, input: HandOverCaseInput) -> HandOverCaseResult:
        """The transfer."""
        context, actor, id = info.context, info.context.account(), uuid_of("Case", input.case_id)
        await context.next_mutation()
        area = key_of("Area", input.area_id)
        row = await hand_over_case(context.runtime, actor, id, area, input.reason, input.version)
        return TransferChanged(transfer=Transfer.of(row))

    @mutating("Takes a case that another ward hands over: now it moves.", Action.HAND_OVER_CASE)
    async def accept_hand_over(self, info: Info, input: AcceptHandOverInput) -> AcceptHandOverResult:
        """The transfer."""
        context, actor, id = info.context, info.context.account(), uuid_of("Transfer", input.id)
        await context.next_mutation()
        return TransferChanged(transfer=Transfer.of(await accept_hand_over(context.runtime, actor, id)))

    @mutating("Does not take a case that another ward hands over: it stays there.", Action.HAND_OVER_CASE)
    async def refuse_hand_over(self, info: Info, input: RefuseHandOverInput) -> RefuseHandOverResult:
        """The transfer."""
        context, actor, id = info.context, info.context.account(), uuid_of("Transfer", input.id)
        await context.next_mutation()
        return TransferChanged(transfer=Transfer.of(await refuse_hand_over(context.runtime, actor, id, input.reason)))

    @mutating("Takes a hand-over back while nobody has answered it.", Action.HAND_OVER_CASE)
    async def cancel_hand_over(self, info: Info, input: CancelHandOverInput) -> CancelHandOverResult:
        """The transfer."""
        context, actor, id = info.context, info.context.account(), uuid_of("Transfer", input.id)
        await context.next_mutation()
        return TransferChanged(transfer=Transfer.of(await cancel_hand_over(context.runtime, actor, id, input.reason)))
