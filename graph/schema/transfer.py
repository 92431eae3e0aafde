"""Cases on their way between wards."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.area import Area, area_or_none
from graph.schema.described import describe
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.station import Station, station_or_none
from models.state import TransferKind, TransferState
from services import rows
from services.transfer_reason import transfer_reason

if TYPE_CHECKING:
    from graph.schema.case import Case

__all__ = ["Transfer", "TransferKind", "TransferState"]

describe(
    TransferKind,
    "How a case goes to another ward.",
    {
        "REROUTE": "A report was sent to the wrong ward: it lies with the right one at once.",
        "HAND_OVER": "Somebody has moved: the case goes when the other ward accepts.",
    },
)
describe(
    TransferState,
    "Whether the other ward has taken the case.",
    {
        "REQUESTED": "It has not answered yet.",
        "ACCEPTED": "It has taken it.",
        "REFUSED": "It has not taken it, or has sent it back.",
        "CANCELLED": "It was taken back, or came to its end before.",
    },
)


@strawberry.type(description="A case that went, or is to go, to another ward. Both wards see it, the sender for good.")
class Transfer:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="Opaque, and stays the same.")
    kind: TransferKind = strawberry.field(description="How it goes.")
    state: TransferState = strawberry.field(description="Whether the other ward has taken it.")
    asked_at: datetime = strawberry.field(description="When it was sent.")
    answered_at: datetime | None = strawberry.field(description="When it was answered or taken back.")
    row: strawberry.Private[rows.Transfer]

    @classmethod
    def of(cls, row: rows.Transfer) -> "Transfer":
        """The transfer of a row."""
        return cls(
            id=strawberry.ID(global_id("Transfer", row.id)),
            kind=row.kind,
            state=row.state,
            asked_at=row.asked_at,
            answered_at=row.answered_at,
            row=row,
        )

    @resolved("The ward that it comes from.")
    def from_area(self, info: Info) -> Area | None:
        """Loaded for all of the answer at once."""
        return area_or_none(info, self.row.from_area_id)

    @resolved("That ward's station; null where it has none.")
    def from_station(self, info: Info) -> Station | None:
        """Loaded for all of the answer at once."""
        return station_or_none(info, self.row.from_station_id)

    @resolved("The ward that it goes to.")
    def to_area(self, info: Info) -> Area | None:
        """Loaded for all of the answer at once."""
        return area_or_none(info, self.row.to_area_id)

    @resolved("That ward's station; null where it has none.")
    def to_station(self, info: Info) -> Station | None:
        """Loaded for all of the answer at once."""
        return station_or_none(info, self.row.to_station_id)

    @resolved("Who sent it.")
    def asked_by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.asked_by)

    @resolved("Who answered it or took it back.")
    def answered_by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.answered_by)

    @resolved("Why it goes, for the staff who care for the person; null for everybody else.")
    def reason(self, info: Info) -> str | None:
        """Unsealed here and kept nowhere."""
        context = info.context
        return transfer_reason(context.runtime, context.actor, self.row, context.operation.seen)

    @resolved("The case; null for whoever may not see it where it lies.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graph.schema.case")] | None:
        """Loaded for all of the answer at once."""
        from graph.schema.case import Case

        row = await info.context.loaders.cases.load(self.row.case_id)
        return Case.of(row) if row else None
