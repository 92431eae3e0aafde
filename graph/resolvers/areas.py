"""Areas and stations."""

from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.schema.area import Area
from graph.schema.arguments import After, AreaId, At, First, area_key
from graph.schema.enums import StationKind
from graph.schema.page import Connection, connected
from graph.schema.resolved import querying
from graph.schema.station import Station
from services.find_area import find_area
from services.list_areas import AreaFilter, list_areas
from services.list_stations import StationFilter, list_stations
from services.problem import NotFound


@strawberry.type
class AreaQuery:
    """To read. Areas are public; stations are seen by staff."""

    @querying("The areas of the tree in its order, each before what lies below it. Needs no session.", Action.SEE_AREAS)
    async def areas(
        self,
        info: Info,
        below: Annotated[
            # strawberry takes a parameter that is called root for the parent object.
            strawberry.ID | None, strawberry.argument(name="root", description="Only what lies below this area.")
        ] = None,
        at: At = None,
        depth: Annotated[
            int | None, strawberry.argument(description="How many levels below the root; 1 are its parts.")
        ] = None,
        search: Annotated[
            str | None, strawberry.argument(description="A part of the name; accents and case do not matter.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Area]:
        """One page."""
        context, wanted = info.context, AreaFilter(area_key(below), at, depth, search)
        async with context.operation.reading() as connection:
            page = await list_areas(context.runtime, connection, wanted, first, after)
        return connected(page, Area.of, after)

    @querying("The area that has a national code on a day. Needs no session.", Action.SEE_AREAS)
    async def area(
        self, info: Info, code: Annotated[str, strawberry.argument(description="The national code.")], at: At = None
    ) -> Area | None:
        """Refused as NOT_FOUND where none has it."""
        async with info.context.operation.reading() as connection:
            row = await find_area(connection, code, at or info.context.runtime.clock.day())
        if row is None:
            raise NotFound
        return Area.of(row)

    @querying("The stations of an area, in the order of the tree.", Action.SEE_STATIONS)
    async def stations(
        self,
        info: Info,
        area_id: AreaId = None,
        kinds: Annotated[list[StationKind] | None, strawberry.argument(description="Only these kinds.")] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Station]:
        """One page."""
        context, wanted = info.context, StationFilter(area_key(area_id), kinds)
        actor = context.account()
        async with context.operation.reading() as connection:
            page = await list_stations(actor, connection, wanted, first, after)
        return connected(page, Station.of, after)
