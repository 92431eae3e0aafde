"""Lists are most dangerous first, and a reader who pages through meets each row once."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from access.actor import Actor
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.database import service_connection, snapshot
from models.declaration import Declaration
from models.state import (
    OPEN_ALERT_STATES,
    AlertKind,
    AlertState,
    CaseState,
    Danger,
    DeclarationState,
    Role,
)
from services.cursor import number_cursor, page_cursor
from services.list_alerts import AlertFilter, list_alerts
from services.list_cases import CaseFilter, list_cases
from services.list_declarations import DeclarationFilter, list_declarations
from services.page import Page
from services.problem import InvalidCursor, InvalidInput
from services.runtime import Runtime
from tests.integration.made import EVERYTHING, account, area, wards
from tests.integration.reads.rows import fill

CITY = "vn-79-2022-79"
List = Callable[[Runtime, Actor, int, str | None], Awaitable[Page[Any]]]


async def alerts(runtime: Runtime, actor: Actor, first: int, after: str | None) -> Page[Any]:
    async with snapshot(EVERYTHING) as connection:
        return await list_alerts(runtime, actor, connection, AlertFilter(), first, after)


async def cases(runtime: Runtime, actor: Actor, first: int, after: str | None) -> Page[Any]:
    async with snapshot(EVERYTHING) as connection:
        return await list_cases(actor, connection, CaseFilter(), first, after)


async def declarations(runtime: Runtime, actor: Actor, first: int, after: str | None) -> Page[Any]:
    async with snapshot(EVERYTHING) as connection:
        return await list_declarations(actor, connection, DeclarationFilter(), first, after)


LISTS = [
    pytest.param(alerts, Alert, "raised_at", id="alerts"),
    pytest.param(cases, Case, "opened_at", id="cases"),
    pytest.param(declarations, Declaration, "submitted_at", id="declarations"),
]


async def through(read: List, runtime: Runtime, actor: Actor, first: int) -> list[UUID]:
    """Every row that a reader meets who pages through to the end."""
    met: list[UUID] = []
    after = None
    while True:
        page = await read(runtime, actor, first, after)
        met += [row.id for row in page.items]
        if not page.has_next:
            return met
        assert len(page.items) == len(page.cursors) == first
        after = page.cursors[-1]


async def sorted_rows(model: Any, at: str, where: Area) -> list[UUID]:
    """The rows of an area in the order of danger, by sorting them all."""
    rows = await model.filter(area_no__gte=where.lo, area_no__lte=where.hi).using_db(service_connection())
    return [row.id for row in sorted(rows, key=lambda row: (row.rank, getattr(row, at), row.id))]


@pytest.mark.parametrize(("read", "model", "at"), LISTS)
@pytest.mark.parametrize("seed", range(3))
async def test_paging_through_meets_each_row_once_and_in_order(
    runtime: Runtime, seed: int, read: List, model: Any, at: str
) -> None:
    chance = random.Random(seed)
    (ward, other) = await wards(2)
    neighbours = await Area.filter(parent_id=ward.parent_id).using_db(service_connection())
    await fill([*neighbours, other], chance.randrange(40, 120), seed)
    for place in (ward, await area(ward.parent_id), await area(CITY)):
        actor = await account(runtime, Role.DEPARTMENT, place)
        expected = await sorted_rows(model, at, place)
        assert await through(read, runtime, actor, chance.choice([1, 2, 3, 7])) == expected


@pytest.mark.parametrize(("read", "model", "at"), LISTS)
@pytest.mark.parametrize("level", [2, 3])
async def test_rows_that_arrive_meanwhile_neither_repeat_nor_hide_others(
    runtime: Runtime, level: int, read: List, model: Any, at: str
) -> None:
    (ward, *_) = await wards(1)
    place = ward if level == 3 else await area(CITY)
    actor = await account(runtime, Role.DEPARTMENT, place)
    await fill([ward], 40, 1)
    before = await sorted_rows(model, at, place)
    met: list[UUID] = []
    after, more, seed = None, True, 2
    while more:
        page = await read(runtime, actor, 3, after)
        met += [row.id for row in page.items]
        after, more, seed = page.cursors[-1], page.has_next, seed + 1
        if seed < 20:
            await fill([ward], 2, seed)
    assert len(met) == len(set(met))
    assert [id for id in met if id in set(before)] == before


async def met_by(runtime: Runtime, actor: Actor, wanted: Any) -> list[UUID]:
    """What one page of at most a hundred shows."""
    async with snapshot(EVERYTHING) as connection:
        if isinstance(wanted, AlertFilter):
            return [row.id for row in (await list_alerts(runtime, actor, connection, wanted, 100)).items]
        if isinstance(wanted, CaseFilter):
            return [row.id for row in (await list_cases(actor, connection, wanted, 100)).items]
        return [row.id for row in (await list_declarations(actor, connection, wanted, 100)).items]


def some(chance: random.Random, values: Any) -> Any:
    """None, or some of the values, perhaps none of them."""
    values = list(values)
    return chance.choice([None, chance.sample(values, chance.randrange(len(values) + 1))])


def among(value: Any, wanted: Any) -> bool:
    return wanted is None or value in wanted


@pytest.mark.parametrize("seed", range(12))
async def test_filters_show_what_a_search_of_all_rows_finds(runtime: Runtime, seed: int) -> None:
    chance = random.Random(seed)
    places = await wards(3)
    await fill(places, 90, seed)
    place = chance.choice([places[0], await area(places[0].parent_id), await area(CITY)])
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    now = runtime.clock.now()
    alert = AlertFilter(
        place.id,
        some(chance, AlertKind),
        some(chance, AlertState),
        chance.choice([None, True, False]),
        chance.choice([None, "covid19", "dengue"]),
    )
    case = CaseFilter(
        place.id,
        some(chance, CaseState),
        chance.choice([None, True, False]),
        chance.choice([None, True, False]),
        some(chance, Danger),
        chance.choice([None, "dengue"]),
    )
    declaration = DeclarationFilter(place.id, some(chance, DeclarationState), chance.choice([None, True, False]))

    def shown(row: Any) -> bool:
        if isinstance(row, Alert):
            overdue = row.state in OPEN_ALERT_STATES and row.due_at < now
            same = among(row.kind, alert.kinds) and among(row.state, alert.states)
            return same and alert.overdue in (None, overdue) and alert.disease in (None, row.disease)
        if isinstance(row, Case):
            same = among(row.state, case.states) and among(row.danger, case.dangers)
            flags = case.severe in (None, row.severe) and case.high_risk in (None, row.high_risk)
            return same and flags and case.disease in (None, row.disease)
        same = among(row.state, declaration.states)
        return same and declaration.possible_duplicate in (None, row.possible_duplicate)

    for model, at, wanted in (
        (Alert, "raised_at", alert),
        (Case, "opened_at", case),
        (Declaration, "submitted_at", declaration),
    ):
        rows = {row.id: row for row in await model.all().using_db(service_connection())}
        expected = [id for id in await sorted_rows(model, at, place) if shown(rows[id])]
        assert await met_by(runtime, actor, wanted) == expected


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_page_is_of_1_to_100_rows(runtime: Runtime, first: int) -> None:
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    with pytest.raises(InvalidInput) as refused:
        await alerts(runtime, actor, first, None)
    assert refused.value.faults[0].path == ("first",)
    assert refused.value.faults[0].code == "OUT_OF_BOUNDS"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "not a cursor",
        page_cursor("cases", 0, datetime(2022, 3, 17, tzinfo=UTC), uuid4()),
        page_cursor("alerts", 70_000, datetime(2022, 3, 17, tzinfo=UTC), uuid4()),
        page_cursor("alerts", -1, datetime(2022, 3, 17, tzinfo=UTC), uuid4()),
        page_cursor("alerts", 0, datetime.fromisoformat("0001-01-01T00:00:00+14:00"), uuid4()),
        number_cursor("stations", 3, "x"),
    ],
)
async def test_a_cursor_of_another_list_or_of_no_list_is_refused(runtime: Runtime, cursor: str) -> None:
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    with pytest.raises(InvalidCursor):
        await alerts(runtime, actor, 10, cursor)
