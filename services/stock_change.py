"""Changing a station's stock: each change is an entry that stays, and the balance is never below nought."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from models.identifier import uuid7
from models.state import StockChange
from models.station import Station
from models.stock import StockBalance, StockEntry
from services.problem import Problem

# Raw, for ON CONFLICT: two who receive a station's first box at once must not both make its balance.
_BEGIN = """
INSERT INTO stock_balance (id, station_id, area_no, pack, balance) VALUES ($1, $2, $3, $4, 0) ON CONFLICT DO NOTHING
"""


class OutOfStock(Problem):
    """The station has fewer of the pack than are to be taken."""

    code = "OUT_OF_STOCK"

    def __init__(self, station_id: str, pack: str, balance: int) -> None:
        """`balance` is how many there are."""
        super().__init__()
        self.station_id, self.pack, self.balance = station_id, pack, balance


@dataclass(frozen=True, slots=True)
class Step:
    """By how much the stock of a pack changes, and why. `dispensing_id` is whom it was given to, where it was."""

    pack: str
    change: int
    kind: StockChange
    reason: str | None = None
    dispensing_id: UUID | None = None


async def lock_balance(connection: AsyncpgDBClient, station: Station, pack: str) -> StockBalance:
    """The station's balance of the pack, locked until the transaction ends; nought where there never was any."""
    key = f"{station.id}:{pack}"
    await connection.execute_query(_BEGIN, [key, station.id, station.area_no, pack])
    return await StockBalance.filter(id=key).using_db(connection).select_for_update().get()


async def change_stock(
    connection: AsyncpgDBClient, actor: Actor, station: Station, balance: StockBalance, step: Step, now: datetime
) -> StockEntry:
    """Writes the entry and the new balance, which `lock_balance` has locked.

    Cases are locked before it, counters after it. Raises OutOfStock; then nothing was written.
    """
    if balance.balance + step.change < 0:
        raise OutOfStock(station.id, step.pack, balance.balance)
    balance.balance += step.change
    await balance.save(using_db=connection, update_fields=["balance"])
    return await StockEntry.create(
        using_db=connection,
        id=uuid7(),
        station_id=station.id,
        area_no=station.area_no,
        pack=step.pack,
        change=step.change,
        balance=balance.balance,
        kind=step.kind,
        reason=step.reason,
        at=now,
        account_id=actor.account_id,
        dispensing_id=step.dispensing_id,
    )
