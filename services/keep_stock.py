"""Keeping a station's stock: what has come, what was sent back, and what a count has put right."""

from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.database import staff_transaction
from models.state import StockChange
from models.stock import StockBalance, StockEntry
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.runtime import Runtime
from services.stock_change import Step, change_stock, lock_balance
from services.stock_station import stock_station
from services.text_faults import text_faults
from triage.fault import Fault

MOST = 100_000
"""More at once is a slip of the pen: the whole city had fewer."""
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class StockOrder:
    """So many of a pack at a station. `seen` is the balance that the caller has seen; None does not ask.

    `quantity` is how many have come or were sent back; of a correction by how much the balance was wrong, with its
    sign.
    """

    station_id: str
    pack: str
    quantity: int
    reason: str | None = None
    seen: int | None = None


async def keep_stock(runtime: Runtime, actor: Actor, kind: StockChange, order: StockOrder) -> StockEntry:
    """Writes the entry: RECEIVED adds, RETURNED takes away, CORRECTED does either and says why.

    With the balance that was seen, the same order sent again gets the entry that it made. Raises InvalidInput, NotFound
    (a station outside), OutOfStock, Conflict (STALE_BALANCE) where the balance is another meanwhile.
    """
    if not may(actor, Action.KEEP_STOCK):
        raise NotFound
    if faults := tuple(_faults(runtime, kind, order)):
        raise InvalidInput(faults)
    change = -order.quantity if kind is StockChange.RETURNED else order.quantity
    step = Step(order.pack, change, kind, order.reason)
    async with staff_transaction(bounds_of(actor)) as connection:
        station = await stock_station(actor, connection, order.station_id)
        balance = await lock_balance(connection, station, order.pack)
        if order.seen is not None and order.seen != balance.balance:
            if made := await _made(connection, actor, balance, step, order.seen):
                return made
            raise Conflict("STALE_BALANCE", Current("STATION", None), {"balance": balance.balance})
        now = runtime.clock.now()
        entry = await change_stock(connection, actor, station, balance, step, now)
        told: dict[str, object] = {"pack": order.pack, "change": change, "kind": kind.value}
        await record(connection, actor, "keep_stock", now, [station.id], area_no=station.area_no, detail=told)
    return entry


async def _made(
    connection: AsyncpgDBClient, actor: Actor, balance: StockBalance, step: Step, seen: int
) -> StockEntry | None:
    """The last entry, where it is just this order's: then the answer was lost on its way, and nothing is to be done."""
    entries = StockEntry.filter(station_id=balance.station_id, pack=balance.pack).using_db(connection)
    last = await entries.order_by("-id").first()
    if last is None or last.account_id != actor.account_id:
        return None
    same = (last.kind, last.change, last.reason) == (step.kind, step.change, step.reason)
    return last if same and last.balance - last.change == seen else None


def _faults(runtime: Runtime, kind: StockChange, order: StockOrder) -> list[Fault]:
    faults = []
    if order.pack not in {pack.code for protocol in runtime.protocols.all() for pack in protocol.packs}:
        faults.append(Fault(("pack",), "UNKNOWN_CODE", {"code": order.pack[:32]}))
    corrected = kind is StockChange.CORRECTED
    least = -MOST if corrected else 1
    if not least <= order.quantity <= MOST or order.quantity == 0:
        faults.append(Fault(("quantity",), "OUT_OF_BOUNDS", {"minimum": least, "maximum": MOST}))
    if order.reason is not None:
        faults += text_faults(("reason",), order.reason, REASON_LENGTH)
    elif corrected:
        # What was wrong and nobody says why looks like what was taken home.
        faults.append(Fault(("reason",), "REQUIRED"))
    return faults
