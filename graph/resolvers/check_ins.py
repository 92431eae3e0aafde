"""Check-ins of people who are ill at home."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.case import Case
from graph.schema.check_in import CheckIn
from graph.schema.check_in_payload import CheckedIn, CheckInInput, CheckInResult
from graph.schema.resolved import mutating
from graph.schema.text import said
from services.check_in import check_in


@strawberry.type
class CheckInMutation:
    """To report."""

    @mutating(
        "Reports symptoms and vitals of somebody who is ill at home, by the resident or by staff for them. It is "
        "judged at once; who gets worse is an alert.",
        Action.CHECK_IN,
    )
    async def check_in(self, info: Info, input: CheckInInput) -> CheckInResult:
        """The check-in, and until when the next one has to come."""
        context = info.context
        declaration_id = uuid_of("Declaration", input.declaration_id) if input.declaration_id else None
        case_id = uuid_of("Case", input.case_id) if input.case_id else None
        found = await check_in(
            context.runtime, context.account(), input.report(), case_id=case_id, declaration_id=declaration_id
        )
        await context.next_mutation()
        case = await context.loaders.cases.load(found.row.case_id)
        return CheckedIn(
            check_in=CheckIn.of(found.row, case or found.case),
            case=Case.of(case) if case else None,
            next_check_in_due=found.next_due,
            advice=said(found.advice, context.language),
        )
