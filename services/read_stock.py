"""What a station has, and how it came to that."""

from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.station import Station
from models.stock import StockBalance, StockEntry
from services.cursor import number_cursor, read_number_cursor
from services.page import Page, page_size
from services.problem import InvalidCursor
from services.runtime import Runtime
from services.stock_station import stock_station


@dataclass(frozen=True, slots=True)
class Stock:
    """A station with how many it has of each pack, and a page of the changes, newest first."""

    station: Station
    balances: dict[str, int]
    entries: Page[StockEntry]


async def read_stock(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    station_id: str | None,
    first: int | None = None,
    after: str | None = None,
) -> Stock:
    """The stock of a station within the actor's areas, None being the actor's own. A pack that there never was has 0.

    Raises NotFound, InvalidInput (`first` out of bounds), InvalidCursor.
    """
    size = page_size(first)
    station = await stock_station(actor, connection, station_id)
    rows = await visible(actor, StockBalance, connection).filter(station_id=station.id)
    known = [pack.code for protocol in runtime.protocols.all() for pack in protocol.packs]
    balances = dict.fromkeys(sorted(known), 0) | {
        row.pack: row.balance for row in sorted(rows, key=lambda one: one.pack)
    }
    entries = visible(actor, StockEntry, connection).filter(station_id=station.id)
    if after is not None:
        entries = entries.filter(id__lt=_last(station, after))
    found = await entries.order_by("-id").limit(size + 1)
    cursors = [number_cursor("stock", station.area_no, str(row.id)) for row in found[:size]]
    return Stock(station, balances, Page(found[:size], cursors, len(found) > size))


def _last(station: Station, after: str) -> UUID:
    number, id = read_number_cursor("stock", after)
    try:
        if number != station.area_no:
            raise InvalidCursor
        return UUID(id)
    except ValueError as error:
        raise InvalidCursor from error
