"""Declarations: what the station decides on them."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.declaration import Declaration
from graph.schema.declare_input import DeclareInput
from graph.schema.handling_payload import (
    AcceptDeclarationInput,
    AcceptDeclarationResult,
    CompleteDeclarationInput,
    CompleteDeclarationResult,
    DeclarationChanged,
    MarkDuplicateInput,
    MarkDuplicateResult,
    RejectDeclarationInput,
    RejectDeclarationResult,
    RequestInformationInput,
    RequestInformationResult,
    WithdrawDeclarationInput,
    WithdrawDeclarationResult,
)
from graph.schema.payload import DeclareResult
from graph.schema.receipt import Receipt
from graph.schema.resolved import mutating
from services.accept_declaration import accept_declaration
from services.complete_declaration import complete_declaration
from services.declare_for import declare_for
from services.mark_duplicate import mark_duplicate
from services.reject_declaration import reject_declaration
from services.request_information import request_information
from services.withdraw_declaration import withdraw_declaration


@strawberry.type
class HandlingMutation:
    """To decide."""

    @mutating(
        "Enters what somebody says on the phone: a declaration like their own, to whichever ward they live in, with "
        "your name on it.",
        Action.HANDLE_DECLARATION,
    )
    async def declare_for(self, info: Info, input: DeclareInput) -> DeclareResult:
        """The receipt, to be read out."""
        context = info.context
        return Receipt.of(await declare_for(context.runtime, context.account(), input.household()), context.language)

    @mutating("Takes a declaration as the station's own to look after.", Action.HANDLE_DECLARATION)
    async def accept_declaration(self, info: Info, input: AcceptDeclarationInput) -> AcceptDeclarationResult:
        """The declaration as accepted."""
        context, actor = info.context, info.context.account()
        await context.next_mutation()
        row = await accept_declaration(context.runtime, actor, uuid_of("Declaration", input.id), input.version)
        return DeclarationChanged(declaration=Declaration.of(row))

    @mutating(
        "Refuses a declaration. Where its case has no other, that is none, and its open alerts are over.",
        Action.HANDLE_DECLARATION,
    )
    async def reject_declaration(self, info: Info, input: RejectDeclarationInput) -> RejectDeclarationResult:
        """The declaration as refused."""
        context, actor, id = info.context, info.context.account(), uuid_of("Declaration", input.id)
        await context.next_mutation()
        row = await reject_declaration(context.runtime, actor, id, input.reason, input.note, input.version)
        return DeclarationChanged(declaration=Declaration.of(row))

    @mutating(
        "Says that a declaration is the same as another one. What was worse in it goes over to the other's case.",
        Action.HANDLE_DECLARATION,
    )
    async def mark_duplicate(self, info: Info, input: MarkDuplicateInput) -> MarkDuplicateResult:
        """The declaration as marked."""
        context, actor, id = info.context, info.context.account(), uuid_of("Declaration", input.id)
        await context.next_mutation()
        of = uuid_of("Declaration", input.duplicate_of)
        return DeclarationChanged(
            declaration=Declaration.of(await mark_duplicate(context.runtime, actor, id, of, input.version))
        )

    @mutating(
        "Asks whoever has sent a declaration for what is missing; they complete the same one. They are told by text.",
        Action.HANDLE_DECLARATION,
    )
    async def request_information(self, info: Info, input: RequestInformationInput) -> RequestInformationResult:
        """The declaration as it waits for them."""
        context, actor, id = info.context, info.context.account(), uuid_of("Declaration", input.id)
        await context.next_mutation()
        row = await request_information(context.runtime, actor, id, input.fields, input.note, input.version)
        return DeclarationChanged(declaration=Declaration.of(row))

    @mutating(
        "Puts right what a declaration says, once the station has asked: from the phone that has sent it, or by staff "
        "for them. It is judged anew, and what is worse calls the station.",
        Action.AMEND_DECLARATION,
    )
    async def complete_declaration(self, info: Info, input: CompleteDeclarationInput) -> CompleteDeclarationResult:
        """The declaration as it waits for the station again."""
        context, id = info.context, uuid_of("Declaration", input.id)
        await context.next_mutation()
        row = await complete_declaration(
            context.runtime, context.actor, id, input.person.report(), input.street, input.version
        )
        return DeclarationChanged(declaration=Declaration.of(row))

    @mutating("Takes back what your phone has declared, until the station decides on it.", Action.AMEND_DECLARATION)
    async def withdraw_declaration(self, info: Info, input: WithdrawDeclarationInput) -> WithdrawDeclarationResult:
        """The declaration as withdrawn."""
        context, id = info.context, uuid_of("Declaration", input.id)
        await context.next_mutation()
        row = await withdraw_declaration(context.runtime, context.actor, id, input.version)
        return DeclarationChanged(declaration=Declaration.of(row))
