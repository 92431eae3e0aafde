"""Stocks of medicine: to read and to keep."""

from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import key_of
from graph.schema.arguments import After, First
from graph.schema.care_input import StockInput
from graph.schema.care_problem import ChangeStockResult, StockChanged
from graph.schema.resolved import mutating, querying
from graph.schema.stock import StationStock, StockEntry
from graph.schema.stock_enums import StockChange
from services.keep_stock import keep_stock
from services.read_stock import read_stock


@strawberry.type
class StockQuery:
    """To read."""

    @querying("What a station has of each pack, and how it came to that.", Action.KEEP_STOCK)
    async def stock(
        self,
        info: Info,
        station_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The station; your own without it.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> StationStock:
        """Refused as NOT_FOUND where it is unknown or outside."""
        context = info.context
        actor, station = context.account(), None if station_id is None else key_of("Station", station_id)
        async with context.operation.reading() as connection:
            found = await read_stock(context.runtime, actor, connection, station, first, after)
        return StationStock.of(found, after)


@strawberry.type
class StockMutation:
    """To keep."""

    @mutating("Packs have come to a station.", Action.KEEP_STOCK)
    async def receive_stock(self, info: Info, input: StockInput) -> ChangeStockResult:
        """The change."""
        return await _kept(info, StockChange.RECEIVED, input)

    @mutating("Packs were sent back to where they came from.", Action.KEEP_STOCK)
    async def return_stock(self, info: Info, input: StockInput) -> ChangeStockResult:
        """The change."""
        return await _kept(info, StockChange.RETURNED, input)

    @mutating(
        "A count has shown that a balance is wrong: an entry puts it right and says why. None is ever edited.",
        Action.KEEP_STOCK,
    )
    async def correct_stock(self, info: Info, input: StockInput) -> ChangeStockResult:
        """The change."""
        return await _kept(info, StockChange.CORRECTED, input)


async def _kept(info: Info, kind: StockChange, input: StockInput) -> StockChanged:
    actor, order = info.context.account(), input.order()
    await info.context.next_mutation()
    return StockChanged(entry=StockEntry.of(await keep_stock(info.context.runtime, actor, kind, order)))
