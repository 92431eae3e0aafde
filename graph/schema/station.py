"""Health stations and medical centres."""

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.area import Area, area_or_none
from graph.schema.enums import StationKind
from graph.schema.later import later
from graph.schema.node import Node
from graph.schema.resolved import resolved
from services import rows


@strawberry.type(description="Who answers for an area: a ward's health station, or a district's medical centre.")
class Station(Node):
    """See the description."""

    name: str = strawberry.field(description="Its name.")
    phone: str | None = strawberry.field(description="Its telephone number; null where none is known.")
    kind: StationKind = strawberry.field(description="What kind of station it is.")
    row: strawberry.Private[rows.Station]

    @classmethod
    def of(cls, row: rows.Station) -> "Station":
        """The station of a row."""
        id = strawberry.ID(global_id("Station", row.id))
        return cls(id=id, name=row.name, phone=row.phone, kind=row.kind, row=row)

    @resolved("The area it answers for.")
    def area(self, info: Info) -> Area | None:
        """Loaded for all stations of the answer at once."""
        return area_or_none(info, self.row.area_id)


def station_or_none(info: Info, id: str | None) -> Station | None:
    """The station of an id: remembered, or loaded with the others of the answer."""
    if id is None:
        return None
    row = info.context.remembered.stations.fresh(id)
    return Station.of(row) if row else later(_load(info, id))


async def _load(info: Info, id: str) -> Station | None:
    row = await info.context.loaders.stations.load(id)
    return Station.of(row) if row else None
