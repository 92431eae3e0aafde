"""The stations of an area, in the order of the tree."""

from collections.abc import Collection
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action
from access.visible import visible
from models.state import StationKind
from models.station import Station
from services.cursor import number_cursor
from services.number_order import read_number
from services.page import Page, page_size
from services.place import resolve_area


@dataclass(frozen=True, slots=True)
class StationFilter:
    """Which stations, of those that work: None leaves a property open, an empty collection matches nothing."""

    area_id: str | None = None
    kinds: Collection[StationKind] | None = None


async def list_stations(
    actor: Actor,
    connection: AsyncpgDBClient,
    wanted: StationFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[Station]:
    """A page of stations.

    Raises NotFound (unknown area, or outside), InvalidInput (`first` out of bounds), InvalidCursor.
    """
    size = page_size(first)
    _, where = await resolve_area(actor, Action.SEE_STATIONS, connection, wanted.area_id)
    stations = visible(actor, Station, connection).filter(area_no__gte=where.lo, area_no__lte=where.hi, active=True)
    if wanted.kinds is not None:
        stations = stations.filter(kind__in=list(wanted.kinds))
    if after is not None:
        number, id = read_number("stations", after)
        stations = stations.filter(Q(area_no__gt=number) | Q(area_no=number, id__gt=id))
    rows = await stations.order_by("area_no", "id").limit(size + 1)
    shown = rows[:size]
    return Page(shown, [number_cursor("stations", row.area_no, row.id) for row in shown], len(rows) > size)
