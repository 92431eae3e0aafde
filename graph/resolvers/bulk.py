"""Many at once: to take, to accept, to confirm."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.alert import Alert
from graph.schema.bulk_payload import (
    AcceptDeclarationsInput,
    AcceptDeclarationsResult,
    AcknowledgeAlertsInput,
    AcknowledgeAlertsResult,
    AlertsAcknowledged,
    CasesConfirmed,
    ConfirmCasesInput,
    ConfirmCasesResult,
    DeclarationsAccepted,
    each,
    named,
)
from graph.schema.case import Case
from graph.schema.declaration import Declaration
from graph.schema.handling_payload import DeclarationChanged
from graph.schema.payload import AlertAcknowledged, CaseConfirmed
from graph.schema.resolved import mutating
from services import rows
from services.accept_declaration import accept_all
from services.acknowledge import acknowledge_all
from services.change_cases import Chosen
from services.confirm import confirm_all


@strawberry.type
class BulkMutation:
    """What a station does to a page of its worklist in one go."""

    @mutating(
        "Takes up to 300 alerts, each with every other open one of its case. Those that cannot be taken say why; the "
        "others are taken.",
        Action.ACKNOWLEDGE_ALERT,
    )
    async def acknowledge_alerts(self, info: Info, input: AcknowledgeAlertsInput) -> AcknowledgeAlertsResult:
        """What came of each."""
        context, actor = info.context, info.context.account()
        await context.next_mutation()
        found = await acknowledge_all(context.runtime, actor, [named("Alert", id) for id in input.alerts])
        return AlertsAcknowledged(results=await each(info, found, _acknowledged))

    @mutating(
        "Accepts up to 300 declarations. Those that cannot be accepted say why; the others are.",
        Action.HANDLE_DECLARATION,
    )
    async def accept_declarations(self, info: Info, input: AcceptDeclarationsInput) -> AcceptDeclarationsResult:
        """What came of each."""
        context, actor = info.context, info.context.account()
        await context.next_mutation()
        chosen = [Chosen(named("Declaration", one.id), one.version) for one in input.declarations]
        found = await accept_all(context.runtime, actor, chosen)
        return DeclarationsAccepted(
            results=await each(info, found, lambda row: DeclarationChanged(declaration=Declaration.of(row)))
        )

    @mutating(
        "Says of up to 300 suspected cases that they are cases. Those that cannot be confirmed say why; the others are "
        "confirmed.",
        Action.CONFIRM_CASE,
    )
    async def confirm_cases(self, info: Info, input: ConfirmCasesInput) -> ConfirmCasesResult:
        """What came of each."""
        context, actor = info.context, info.context.account()
        await context.next_mutation()
        chosen = [Chosen(named("Case", one.id), one.version) for one in input.cases]
        found = await confirm_all(context.runtime, actor, chosen)
        return CasesConfirmed(results=await each(info, found, lambda row: CaseConfirmed(case=Case.of(row))))


def _acknowledged(taken: list[rows.Alert]) -> AlertAcknowledged:
    alerts = [Alert.of(row) for row in taken]
    return AlertAcknowledged(alert=alerts[0], alerts=alerts)
