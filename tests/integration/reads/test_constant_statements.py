"""Many rows take as many statements as one: nothing asks the database row by row."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.database import service_connection, snapshot
from models.declaration import Declaration
from models.state import Role
from services.list_alerts import AlertFilter, list_alerts
from services.list_areas import AreaFilter, list_areas
from services.list_cases import CaseFilter, list_cases
from services.list_declarations import DeclarationFilter, list_declarations
from services.list_stations import StationFilter, list_stations
from services.load_accounts import account_names
from services.load_alerts import alerts_by_id, alerts_of_cases
from services.load_areas import areas_by_id, children_of_areas
from services.load_assessments import assessments_of_declarations, latest_assessment_of_cases
from services.load_cases import cases_by_id
from services.load_declarations import declarations_of_cases
from services.load_stations import stations_by_id
from services.operation import Operation
from services.runtime import Runtime
from services.summarise import summarise
from services.summary_alerts import overdue_of, times_of
from services.summary_children import children_of
from services.summary_days import days_of
from services.summary_stations import connected_of, stations_of
from services.summary_totals import totals_of
from tests.integration.made import EVERYTHING, account, area, wards
from tests.integration.reads.rows import fill
from tests.integration.statements import statements

CITY = "vn-79-2022-79"
Listing = Callable[[Runtime, Actor, AsyncpgDBClient, int], Awaitable[Any]]

LISTS: dict[str, tuple[Listing, int]] = {
    "alerts": (
        lambda runtime, actor, connection, first: list_alerts(runtime, actor, connection, AlertFilter(), first),
        2,
    ),
    "cases": (lambda _, actor, connection, first: list_cases(actor, connection, CaseFilter(), first), 1),
    "declarations": (
        lambda _, actor, connection, first: list_declarations(actor, connection, DeclarationFilter(), first),
        1,
    ),
    "stations": (lambda _, actor, connection, first: list_stations(actor, connection, StationFilter(), first), 2),
    "areas": (lambda runtime, _, connection, first: list_areas(runtime, connection, AreaFilter(CITY), first), 2),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_of_1_and_a_page_of_100_take_the_same_statements(runtime: Runtime, name: str) -> None:
    read, most = LISTS[name]
    await fill(await wards(3), 110, 1)
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    taken = []
    for first in (1, 100):
        async with snapshot(EVERYTHING) as connection:
            with statements() as sent:
                page = await read(runtime, actor, connection, first)
        assert len(page.items) == first
        taken.append(len(sent))
    assert taken == [most, most]


async def test_loaders_take_one_statement_for_1_and_for_100(runtime: Runtime) -> None:
    service = service_connection()
    cases = [one.id for one in await fill(await wards(3), 100, 1)]
    alerts = [one.id for one in await Alert.all().using_db(service)]
    declarations = [one.id for one in await Declaration.all().using_db(service)]
    areas = [one.id for one in await Area.all().limit(100).using_db(service)]
    stations = [f"{one}-tyt" for one in areas]
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    today = runtime.clock.day()
    async with snapshot(EVERYTHING) as connection:
        for how_many in (1, 100):
            with statements() as sent:
                await alerts_by_id(actor, connection, alerts[:how_many])
                await alerts_of_cases(actor, connection, cases[:how_many])
                await cases_by_id(actor, connection, cases[:how_many])
                await declarations_of_cases(actor, connection, cases[:how_many])
                await latest_assessment_of_cases(actor, connection, cases[:how_many])
                await assessments_of_declarations(actor, connection, declarations[:how_many])
                await areas_by_id(connection, areas[:how_many])
                await children_of_areas(connection, areas[:how_many], today)
                await stations_by_id(connection, stations[:how_many])
                await account_names(actor, connection, cases[:how_many])
            # One each, and one more for what was merged into the cases whose alerts and reports are shown.
            assert len(sent) == 12


@pytest.mark.parametrize("place", ["ward", "city"])
async def test_a_summary_takes_the_same_statements_for_a_ward_and_for_300_stations(
    runtime: Runtime, place: str
) -> None:
    (ward, *_) = await wards(1)
    actor = await account(runtime, Role.COMMITTEE, ward if place == "ward" else await area(CITY))
    async with snapshot(EVERYTHING) as connection:
        with statements() as sent:
            summary = await summarise(runtime, actor, connection)
            children = (await children_of(connection, [summary]))[summary]
            stations = (await stations_of(actor, connection, [summary]))[summary]
            every = [summary, *children, *(one.summary for one in stations)]
            await totals_of(connection, every)
            await overdue_of(connection, every)
            await times_of(connection, every)
            await days_of(connection, [summary, *children])
            await connected_of(connection, [one.station.id for one in stations])
    assert len(stations) == (1 if place == "ward" else 334)
    assert len(sent) == 9


async def test_what_is_not_asked_for_takes_no_statement(runtime: Runtime) -> None:
    actor = await account(runtime, Role.COMMITTEE, await area(CITY))
    async with snapshot(EVERYTHING) as connection:
        with statements() as sent:
            await summarise(runtime, actor, connection)
    assert len(sent) == 1


async def test_an_operation_that_reads_nothing_takes_no_statement() -> None:
    with statements() as sent:
        operation = Operation(Actor("ANONYMOUS"))
        await operation.close()
    assert sent == []


async def test_what_others_send_meanwhile_is_not_counted(runtime: Runtime) -> None:
    with statements() as sent:
        await Case.all().using_db(service_connection()).count()
        await runtime.hub.caught_up(0)
    assert len(sent) == 1
