"""Keeping rosters: what mutations take of them, and what they answer."""

from datetime import time
from typing import Annotated

import strawberry

from graph.schema.duty import Duty
from graph.schema.enums import DutyChannel, Weekday
from graph.schema.problem import Conflict, InvalidInput, NotFound
from services.duty_faults import Shift


@strawberry.input(description="Who is on duty, and when, on the clock on the wall of the installation's time zone.")
class ShiftInput:
    """See the description."""

    name: str = strawberry.field(description="Who it is; kept sealed.")
    phone: str = strawberry.field(description="The number that texts go to; kept sealed.")
    weekdays: list[Weekday] = strawberry.field(description="The days on which a shift begins; at least one.")
    from_: time = strawberry.field(name="from", description="When a shift begins; seconds do not count.")
    until: time = strawberry.field(
        description="When it ends: on the next day where that is not after `from`; the same for a whole day."
    )
    quiet_from: time | None = strawberry.field(
        default=None, description="When quiet hours begin, in which only RED alerts are sent at once."
    )
    quiet_until: time | None = strawberry.field(
        default=None, description="When they end; with `quietFrom` or not at all."
    )

    def shift(self) -> Shift:
        """As the services take it."""
        return Shift(
            name=self.name,
            phone=self.phone,
            weekdays=[day.value for day in self.weekdays],
            starts=self.from_,
            ends=self.until,
            quiet_from=self.quiet_from,
            quiet_until=self.quiet_until,
        )


@strawberry.input(description="Somebody who is to be on duty: at a station, or for the city.")
class AddDutyInput:
    """See the description."""

    station_id: strawberry.ID | None = strawberry.field(
        default=None, description="The station or medical centre; or else `areaId`."
    )
    area_id: strawberry.ID | None = strawberry.field(
        default=None, description="For the city's people, whom the department names: the area whose alerts reach them."
    )
    channel: DutyChannel = strawberry.field(default=DutyChannel.SMS, description="How this person is called.")
    shift: ShiftInput = strawberry.field(description="Who, and when.")


@strawberry.input(description="What somebody's duty is to be.")
class ChangeDutyInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The duty's id.")
    version: int = strawberry.field(
        description="The version you have seen: if somebody has changed it since, that is a conflict."
    )
    shift: ShiftInput = strawberry.field(description="Who, and when: all of it anew.")


@strawberry.input(description="Which duty is over.")
class EndDutyInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The duty's id.")
    version: int = strawberry.field(
        description="The version you have seen: if somebody has changed it since, that is a conflict."
    )


@strawberry.type(description="The roster was changed; from within seconds on it says who is called.")
class RosterChanged:
    """See the description."""

    duty: Duty = strawberry.field(description="The duty as it stands now.")


AddDutyResult = Annotated[
    RosterChanged | InvalidInput | NotFound,
    strawberry.union("AddDutyResult", description="The duty, or why there is none."),
]
ChangeDutyResult = Annotated[
    RosterChanged | InvalidInput | NotFound | Conflict,
    strawberry.union("ChangeDutyResult", description="The duty, or why it stays as it is."),
]
EndDutyResult = Annotated[
    RosterChanged | NotFound | Conflict,
    strawberry.union("EndDutyResult", description="The duty, or why it goes on."),
]
