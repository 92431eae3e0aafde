"""Rosters: who is on duty, for those who say so."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import key_of, uuid_of
from graph.schema.arguments import After, AreaId, First, area_key
from graph.schema.duty import Duty
from graph.schema.page import Connection, connected
from graph.schema.resolved import mutating, querying
from graph.schema.roster import (
    AddDutyInput,
    AddDutyResult,
    ChangeDutyInput,
    ChangeDutyResult,
    EndDutyInput,
    EndDutyResult,
    RosterChanged,
)
from services.add_duty import Post, add_duty
from services.change_duty import change_duty
from services.end_duty import end_duty
from services.list_duties import list_duties


@strawberry.type
class RosterQuery:
    """To read."""

    @querying("Who is on duty in an area and when, in the order of the tree.", Action.KEEP_ROSTER)
    async def duties(
        self, info: Info, area_id: AreaId = None, first: First = None, after: After = None
    ) -> Connection[Duty]:
        """One page."""
        context = info.context
        actor, area = context.account(), area_key(area_id)
        async with context.operation.reading() as connection:
            page = await list_duties(context.runtime, actor, connection, area, first, after)
        return connected(page, Duty.of, after)


@strawberry.type
class RosterMutation:
    """To change."""

    @mutating("Puts somebody on duty: alerts that call there go to their phone.", Action.KEEP_ROSTER)
    async def add_duty(self, info: Info, input: AddDutyInput) -> AddDutyResult:
        """The duty."""
        actor = info.context.account()
        station = None if input.station_id is None else key_of("Station", input.station_id)
        post = Post(station, area_key(input.area_id))
        await info.context.next_mutation()
        kept = await add_duty(info.context.runtime, actor, post, input.shift.shift(), input.channel)
        return RosterChanged(duty=Duty.of(kept))

    @mutating("Gives a duty another person, phone or hours.", Action.KEEP_ROSTER)
    async def change_duty(self, info: Info, input: ChangeDutyInput) -> ChangeDutyResult:
        """The duty as it stands."""
        actor, id = info.context.account(), uuid_of("Duty", input.id)
        await info.context.next_mutation()
        kept = await change_duty(info.context.runtime, actor, id, input.version, input.shift.shift())
        return RosterChanged(duty=Duty.of(kept))

    @mutating("Takes somebody off duty for good.", Action.KEEP_ROSTER)
    async def end_duty(self, info: Info, input: EndDutyInput) -> EndDutyResult:
        """The duty as it was."""
        actor, id = info.context.account(), uuid_of("Duty", input.id)
        await info.context.next_mutation()
        kept = await end_duty(info.context.runtime, actor, id, input.version)
        return RosterChanged(duty=Duty.of(kept))
