"""What a station has of each pack."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.schema.page import Connection, connected
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from graph.schema.station import Station
from graph.schema.stock_enums import StockChange
from services import rows
from services.read_stock import Stock


@strawberry.type(description="One change of a station's stock. It is never edited: a slip is put right by another.")
class StockEntry:
    """See the description."""

    pack: str = strawberry.field(description="The pack's code.")
    change: int = strawberry.field(description="By how many: what has come is above nought, what went is below.")
    balance: int = strawberry.field(description="How many there were after it.")
    kind: StockChange = strawberry.field(description="Why.")
    reason: str | None = strawberry.field(description="Why, in somebody's own words.")
    at: datetime = strawberry.field(description="When.")
    row: strawberry.Private[rows.StockEntry]

    @classmethod
    def of(cls, row: rows.StockEntry) -> "StockEntry":
        """The entry of a row."""
        return cls(
            pack=row.pack,
            change=row.change,
            balance=row.balance,
            kind=row.kind,
            reason=row.reason,
            at=row.at,
            row=row,
        )

    @resolved("Who entered it.")
    def by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.account_id)


@strawberry.type(description="How many of a pack a station has.")
class StockBalance:
    """See the description."""

    pack: str = strawberry.field(description="The pack's code.")
    balance: int = strawberry.field(description="How many; give it back as `seen` when you change the stock.")


@strawberry.type(description="The stock of a station.")
class StationStock:
    """See the description."""

    station: Station = strawberry.field(description="The station.")
    balances: list[StockBalance] = strawberry.field(description="How many it has of each pack.")
    entries: Connection[StockEntry] = strawberry.field(description="The changes, newest first.")

    @classmethod
    def of(cls, found: Stock, after: str | None) -> "StationStock":
        """The stock that a service has read."""
        return cls(
            station=Station.of(found.station),
            balances=[StockBalance(pack=pack, balance=balance) for pack, balance in found.balances.items()],
            entries=connected(found.entries, StockEntry.of, after),
        )
