"""Health stations and medical centres."""

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.area import Area, area_or_none
from graph.schema.enums import StationKind
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
    async def area(self, info: Info) -> Area | None:
        """Loaded for all stations of the answer at once."""
        return await area_or_none(info, self.row.area_id)


async def station_or_none(info: Info, id: str | None) -> Station | None:
    """The station of an id, loaded with the others of the answer."""
    row = await info.context.loaders.stations.load(id) if id else None
    return Station.of(row) if row else None
