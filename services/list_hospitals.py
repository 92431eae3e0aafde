"""The hospitals that may be asked to take somebody, in the order of the tree."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action, may
from access.visible import referable
from models.station import Station
from services.cursor import number_cursor
from services.number_order import read_number
from services.page import Page, page_size
from services.problem import NotFound


async def list_hospitals(
    actor: Actor, connection: AsyncpgDBClient, first: int | None = None, after: str | None = None
) -> Page[Station]:
    """A page of every hospital that works: who refers has to know those beyond the own area, too.

    Raises NotFound, InvalidInput (`first` out of bounds), InvalidCursor.
    """
    if not may(actor, Action.REFER_CASE):
        raise NotFound
    size = page_size(first)
    hospitals = referable(actor, connection)
    if after is not None:
        number, id = read_number("stations", after)
        hospitals = hospitals.filter(Q(area_no__gt=number) | Q(area_no=number, id__gt=id))
    rows = await hospitals.order_by("area_no", "id").limit(size + 1)
    shown = rows[:size]
    return Page(shown, [number_cursor("stations", row.area_no, row.id) for row in shown], len(rows) > size)
