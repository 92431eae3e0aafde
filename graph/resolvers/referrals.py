"""Referrals: to read, to ask for, to answer."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import key_of, uuid_of
from graph.schema.arguments import After, AreaId, First, area_key
from graph.schema.page import Connection, connected
from graph.schema.referral import Referral, ReferralsChange
from graph.schema.referral_enums import ReferralState
from graph.schema.referral_payload import (
    CancelReferralInput,
    CaseMoved,
    CaseMovedResult,
    DischargeCaseInput,
    ReferCaseInput,
    ReferralChanged,
    ReferralInput,
    ReferralResult,
    RefuseReferralInput,
)
from graph.schema.resolved import mutating, querying, subscribed
from graph.schema.station import Station
from graph.shown_case import shown_case
from services.change_referral import (
    ACCEPT,
    ADMIT,
    DISCHARGE,
    DISCHARGE_RECOVERED,
    REFUSE,
    START_TRANSFER,
    ReferralStep,
    change_referral,
)
from services.list_hospitals import list_hospitals
from services.list_referrals import list_referrals
from services.refer_case import refer_case
from services.return_case import return_case
from services.watch_referrals import follow_referrals, watch_referrals


@strawberry.type
class ReferralQuery:
    """To read."""

    @querying(
        "Referrals, the newest first: for a hospital those to it that are not over, for others those of an area.",
        Action.SEE_CASES,
    )
    async def referrals(
        self,
        info: Info,
        area_id: AreaId = None,
        states: Annotated[
            list[ReferralState] | None, strawberry.argument(description="Only those in these states.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Referral]:
        """One page."""
        context, area = info.context, area_key(area_id)
        actor = context.account()
        async with context.operation.reading() as connection:
            page = await list_referrals(actor, connection, states, area, first, after)
        context.operation.seen.page("see_referrals", (row.case_id for row in page.items), area or actor.area_id)
        return connected(page, Referral.of, after)

    @querying("The hospitals that may be asked to take somebody, in the order of the tree.", Action.REFER_CASE)
    async def hospitals(self, info: Info, first: First = None, after: After = None) -> Connection[Station]:
        """Wherever they are."""
        actor = info.context.account()
        async with info.context.operation.reading() as connection:
            page = await list_hospitals(actor, connection, first, after)
        return connected(page, Station.of, after)


@strawberry.type
class ReferralSubscription:
    """To watch."""

    @subscribed(
        "How many referrals your hospital has: at once, then whenever one has come, gone or changed, at most once a "
        "second.",
        Action.ANSWER_REFERRAL,
    )
    async def referrals_changed(self, info: Info) -> AsyncGenerator[ReferralsChange, None]:
        """Each time with the actor as of then."""
        context = info.context
        if context.watcher is not None:
            changes = follow_referrals(context.runtime, context.watcher)
        else:
            changes = watch_referrals(context.runtime, context.account(), context.group)
        async with aclosing(changes):
            async for actor, counts in changes:
                context.next_event(actor)
                if not await context.stands(actor):
                    continue
                yield ReferralsChange.of(counts)


@strawberry.type
class ReferralMutation:
    """To ask for and to answer."""

    @mutating("Asks a hospital to take the person of a case; it sees the case from now on.", Action.REFER_CASE)
    async def refer_case(self, info: Info, input: ReferCaseInput) -> ReferralResult:
        """The referral."""
        actor, id, hospital = (
            info.context.account(),
            uuid_of("Case", input.case_id),
            key_of("Station", input.hospital_id),
        )
        await info.context.next_mutation()
        case, row = await refer_case(info.context.runtime, actor, id, hospital, input.reason, input.version)
        return ReferralChanged(referral=Referral.of(row), case=await shown_case(info.context, case.id))

    @mutating("Takes a referral back, or ends the search for a hospital: the person stays at home.", Action.REFER_CASE)
    async def cancel_referral(self, info: Info, input: CancelReferralInput) -> CaseMovedResult:
        """The case as it stands."""
        actor, id = info.context.account(), uuid_of("Case", input.case_id)
        await info.context.next_mutation()
        case = await return_case(info.context.runtime, actor, id, input.reason, input.version)
        return CaseMoved(case=await shown_case(info.context, case.id))

    @mutating("The hospital takes the person.", Action.ANSWER_REFERRAL)
    async def accept_referral(self, info: Info, input: ReferralInput) -> ReferralResult:
        """The referral as it stands."""
        return await _moved(info, uuid_of("Referral", input.id), ACCEPT, input.note, input.version)

    @mutating(
        "The hospital does not take the person, and sees nothing of them any more; the station may ask another one.",
        Action.ANSWER_REFERRAL,
    )
    async def refuse_referral(self, info: Info, input: RefuseReferralInput) -> ReferralResult:
        """The referral as it stands."""
        return await _moved(info, uuid_of("Referral", input.id), REFUSE, input.reason, input.version)

    @mutating("The person is on the way to the hospital.", Action.START_TRANSFER)
    async def start_transfer(self, info: Info, input: ReferralInput) -> ReferralResult:
        """The referral as it stands."""
        return await _moved(info, uuid_of("Referral", input.id), START_TRANSFER, input.note, input.version)

    @mutating("The person has come to the hospital.", Action.ANSWER_REFERRAL)
    async def admit_case(self, info: Info, input: ReferralInput) -> ReferralResult:
        """The referral as it stands."""
        return await _moved(info, uuid_of("Referral", input.id), ADMIT, input.note, input.version)

    @mutating("The person leaves the hospital, which sees nothing of them any more.", Action.ANSWER_REFERRAL)
    async def discharge_case(self, info: Info, input: DischargeCaseInput) -> ReferralResult:
        """The referral as it stands."""
        step = DISCHARGE_RECOVERED if input.recovered else DISCHARGE
        return await _moved(info, uuid_of("Referral", input.id), step, input.note, input.version)


async def _moved(info: Info, id: UUID, step: ReferralStep, words: str | None, version: int | None) -> ReferralChanged:
    context = info.context
    actor = context.account()
    await context.next_mutation()
    case, row = await change_referral(context.runtime, actor, id, step, words, version)
    return ReferralChanged(referral=Referral.of(row), case=await shown_case(context, case.id))
