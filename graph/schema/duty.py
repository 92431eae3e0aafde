"""Who is on duty."""

import datetime as times
from uuid import UUID

import strawberry

from graph.context import Context, Info
from graph.global_id import global_id
from graph.schema.area import Area, area_or_none
from graph.schema.enums import DutyChannel, Level, Weekday
from graph.schema.node import Node
from graph.schema.resolved import resolved
from graph.schema.station import Station, station_or_none
from services.list_duties import KeptDuty, duties_by_id
from services.on_duty import hours_of, wall, weekdays_of


@strawberry.type(
    description="Somebody's hours at a place. Whoever is on duty gets a text for each alert that calls there."
)
class Duty(Node):
    """See the description."""

    level: Level = strawberry.field(description="Which level of a call reaches this person.")
    name: str | None = strawberry.field(description="Who it is; null where the key that sealed it is missing.")
    phone: str | None = strawberry.field(description="The number that texts go to; null likewise.")
    channel: DutyChannel = strawberry.field(description="How this person is called.")
    weekdays: list[Weekday] = strawberry.field(description="The days on which a shift begins, Monday first.")
    from_: times.time = strawberry.field(
        name="from", description="When a shift begins, on the clock on the wall of the installation's time zone."
    )
    until: times.time = strawberry.field(
        description="When it ends: on the next day where that is not after `from`, and after a whole day where it is "
        "the same."
    )
    quiet_from: times.time | None = strawberry.field(
        description="When quiet hours begin; null without any. A RED alert is never held back by them."
    )
    quiet_until: times.time | None = strawberry.field(description="When they end, and what was held back is sent.")
    created_at: times.datetime = strawberry.field(description="When it was written down.")
    ended_at: times.datetime | None = strawberry.field(description="Since when it is over; null while it goes on.")
    version: int = strawberry.field(description="To be sent along with `changeDuty` and `endDuty`.")
    kept: strawberry.Private[KeptDuty]

    @classmethod
    def of(cls, kept: KeptDuty) -> "Duty":
        """The duty of a row."""
        row = kept.row
        return cls(
            id=strawberry.ID(global_id("Duty", row.id)),
            level=row.level,
            name=kept.name,
            phone=kept.phone,
            channel=row.channel,
            weekdays=[Weekday(day) for day in sorted(weekdays_of(row.weekdays))],
            from_=wall(row.starts),
            until=wall(row.ends),
            quiet_from=None if row.quiet_from is None else wall(row.quiet_from),
            quiet_until=None if row.quiet_until is None else wall(row.quiet_until),
            created_at=row.created_at,
            ended_at=row.ended_at,
            version=row.version,
            kept=kept,
        )

    @resolved("The station or medical centre; null for the city's people.")
    def station(self, info: Info) -> Station | None:
        """Loaded for all duties of the answer at once."""
        return station_or_none(info, self.kept.row.station_id)

    @resolved("The station's area; of the city's people the area whose alerts reach them.")
    def area(self, info: Info) -> Area | None:
        """Loaded for all duties of the answer at once."""
        return area_or_none(info, self.kept.row.area_id)

    @resolved("Whether this person is on duty right now.")
    def on_duty_now(self, info: Info) -> bool:
        """By the installation's clock."""
        row, clock = self.kept.row, info.context.runtime.clock
        return row.ended_at is None and hours_of(vars(row)).on_duty(clock.now().astimezone(clock.zone()))


async def duty_or_none(context: Context, id: UUID) -> Duty | None:
    """The duty of an id, where the viewer keeps it and it goes on."""
    if context.actor.kind != "ACCOUNT":
        return None
    async with context.operation.reading() as connection:
        found = await duties_by_id(context.runtime, context.actor, connection, [id])
    return Duty.of(found[id]) if id in found else None
