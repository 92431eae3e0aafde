"""How a case ends or is given up for a while."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.referral_payload import CaseMoved, CaseMovedResult, MarkCaseInput, RecordDeathInput
from graph.schema.resolved import mutating
from graph.shown_case import shown_case
from services.mark_lost import mark_found, mark_lost
from services.record_death import record_death


@strawberry.type
class ClosingMutation:
    """To close, to give up and to take up again."""

    @mutating("Records that the person has died. The case is closed, and its alerts with it.", Action.RECORD_DEATH)
    async def record_death(self, info: Info, input: RecordDeathInput) -> CaseMovedResult:
        """The case as it stands."""
        actor, id = info.context.account(), uuid_of("Case", input.case_id)
        await info.context.next_mutation()
        await record_death(info.context.runtime, actor, id, input.on, input.note, input.version)
        return CaseMoved(case=await shown_case(info.context, id))

    @mutating("Gives the search for somebody up, after three failed attempts in a row.", Action.CLOSE_CASE)
    async def mark_lost(self, info: Info, input: MarkCaseInput) -> CaseMovedResult:
        """The case as it stands."""
        actor, id = info.context.account(), uuid_of("Case", input.case_id)
        await info.context.next_mutation()
        await mark_lost(info.context.runtime, actor, id, input.note, input.version)
        return CaseMoved(case=await shown_case(info.context, id))

    @mutating("Takes the case of somebody who was lost up again, where it was left.", Action.CLOSE_CASE)
    async def mark_found(self, info: Info, input: MarkCaseInput) -> CaseMovedResult:
        """The case as it stands."""
        actor, id = info.context.account(), uuid_of("Case", input.case_id)
        await info.context.next_mutation()
        await mark_found(info.context.runtime, actor, id, input.note, input.version)
        return CaseMoved(case=await shown_case(info.context, id))
