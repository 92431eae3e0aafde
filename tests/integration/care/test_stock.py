"""A station's stock: entries that stay, and a balance that is their sum."""

import asyncio
import random

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from models.database import service_connection, snapshot
from models.state import Role, StockChange
from models.stock import StockBalance, StockEntry
from services.keep_stock import StockOrder, keep_stock
from services.problem import Conflict, InvalidInput, NotFound
from services.read_stock import Stock, read_stock
from services.runtime import Runtime
from services.stock_change import OutOfStock
from tests.integration.made import account, area, wards

RECEIVED, RETURNED, CORRECTED = StockChange.RECEIVED, StockChange.RETURNED, StockChange.CORRECTED


@pytest.fixture
async def nurse(runtime: Runtime) -> Actor:
    """Somebody of a ward's station."""
    return await account(runtime, Role.STATION_STAFF, (await wards())[0])


def order(actor: Actor, quantity: int, reason: str | None = None, seen: int | None = None) -> StockOrder:
    assert actor.station_id is not None
    return StockOrder(actor.station_id, "a", quantity, reason, seen)


async def stock(runtime: Runtime, actor: Actor, first: int | None = None, after: str | None = None) -> Stock:
    async with snapshot(bounds_of(actor)) as connection:
        return await read_stock(runtime, actor, connection, None, first, after)


async def test_what_comes_goes_and_is_counted_again_stays_as_entries(runtime: Runtime, nurse: Actor) -> None:
    await keep_stock(runtime, nurse, RECEIVED, order(nurse, 10))
    await keep_stock(runtime, nurse, RETURNED, order(nurse, 3))
    await keep_stock(runtime, nurse, CORRECTED, order(nurse, -2, "Kiểm kê cuối ngày"))
    found = await stock(runtime, nurse)
    assert found.balances == {"a": 5, "b": 0, "c": 0}
    assert [(row.kind, row.change, row.balance) for row in found.entries.items] == [
        (CORRECTED, -2, 5),
        (RETURNED, -3, 7),
        (RECEIVED, 10, 10),
    ]


async def test_entries_come_in_pages(runtime: Runtime, nurse: Actor) -> None:
    for quantity in range(1, 6):
        await keep_stock(runtime, nurse, RECEIVED, order(nurse, quantity))
    first = (await stock(runtime, nurse, 3)).entries
    rest = (await stock(runtime, nurse, 3, first.cursors[-1])).entries
    assert [row.change for row in (*first.items, *rest.items)] == [5, 4, 3, 2, 1]
    assert (first.has_next, rest.has_next) == (True, False)


async def test_no_balance_is_ever_below_nought(runtime: Runtime, nurse: Actor) -> None:
    await keep_stock(runtime, nurse, RECEIVED, order(nurse, 2))
    for kind, asked in ((RETURNED, order(nurse, 3)), (CORRECTED, order(nurse, -3, "Mất"))):
        with pytest.raises(OutOfStock) as found:
            await keep_stock(runtime, nurse, kind, asked)
        assert found.value.balance == 2
    assert await StockEntry.all().using_db(service_connection()).count() == 1


async def test_who_has_seen_another_balance_is_told_and_a_repeat_counts_once(runtime: Runtime, nurse: Actor) -> None:
    first = await keep_stock(runtime, nurse, RECEIVED, order(nurse, 10, seen=0))
    again = await keep_stock(runtime, nurse, RECEIVED, order(nurse, 10, seen=0))
    assert again.id == first.id
    with pytest.raises(Conflict, match="STALE_BALANCE"):
        await keep_stock(runtime, nurse, RECEIVED, order(nurse, 4, seen=0))
    await keep_stock(runtime, nurse, RECEIVED, order(nurse, 10, seen=10))
    assert (await stock(runtime, nurse)).balances["a"] == 20


@pytest.mark.parametrize(
    ("kind", "quantity", "reason", "codes"),
    [
        (RECEIVED, 0, None, {"OUT_OF_BOUNDS"}),
        (RECEIVED, -1, None, {"OUT_OF_BOUNDS"}),
        (RETURNED, -1, None, {"OUT_OF_BOUNDS"}),
        (RECEIVED, 10**9, None, {"OUT_OF_BOUNDS"}),
        (CORRECTED, 0, None, {"OUT_OF_BOUNDS", "REQUIRED"}),
        (CORRECTED, 1, None, {"REQUIRED"}),
        (RECEIVED, 1, "x" * 201, {"TOO_LONG"}),
    ],
)
async def test_a_slip_of_the_pen_is_refused(
    runtime: Runtime, nurse: Actor, kind: StockChange, quantity: int, reason: str | None, codes: set[str]
) -> None:
    with pytest.raises(InvalidInput) as wrong:
        await keep_stock(runtime, nurse, kind, order(nurse, quantity, reason))
    assert {fault.code for fault in wrong.value.faults} == codes


async def test_an_unknown_pack_a_strange_station_and_who_keeps_no_stock_are_refused(
    runtime: Runtime, nurse: Actor
) -> None:
    with pytest.raises(InvalidInput):
        await keep_stock(runtime, nurse, RECEIVED, StockOrder(str(nurse.station_id), "z", 1))
    ward, elsewhere = await wards()
    stranger = await account(runtime, Role.STATION_STAFF, elsewhere)
    committee = await account(runtime, Role.COMMITTEE, ward)
    for actor in (stranger, committee):
        with pytest.raises(NotFound):
            await keep_stock(runtime, actor, RECEIVED, order(nurse, 1))
    with pytest.raises(NotFound):
        await stock(runtime, committee)
    assert (await stock(runtime, stranger)).entries.items == []


async def test_a_medical_centre_keeps_its_own_stock_and_sees_its_wards(runtime: Runtime, nurse: Actor) -> None:
    ward, *_ = await wards()
    centre = await account(runtime, Role.MEDICAL_CENTRE, await area(ward.parent_id))
    await keep_stock(runtime, centre, RECEIVED, order(nurse, 1))
    assert (await stock(runtime, nurse)).balances["a"] == 1


async def test_balances_equal_their_entries_after_many_at_once(runtime: Runtime, nurse: Actor) -> None:
    chance = random.Random(5)
    steps = [
        chance.choice([order(nurse, chance.randint(1, 4)), order(nurse, -chance.randint(1, 4), "x")]) for _ in range(40)
    ]
    answers = await asyncio.gather(
        *(keep_stock(runtime, nurse, CORRECTED if one.reason else RECEIVED, one) for one in steps),
        return_exceptions=True,
    )
    assert all(isinstance(answer, StockEntry | OutOfStock) for answer in answers)
    entries = await StockEntry.all().order_by("id").using_db(service_connection())
    (kept,) = await StockBalance.all().using_db(service_connection())
    assert kept.balance == sum(entry.change for entry in entries)
    assert len(entries) == sum(isinstance(answer, StockEntry) for answer in answers)
