"""Stations come in the order of the tree, those that work, each once."""

import pytest

from models.database import service_connection, snapshot
from models.state import Role, StationKind
from models.station import Station
from services.cursor import number_cursor
from services.list_stations import StationFilter, list_stations
from services.problem import InvalidCursor
from services.runtime import Runtime
from tests.integration.made import EVERYTHING, account, area, wards

CITY = "vn-79-2022-79"


async def met(runtime: Runtime, place: str, wanted: StationFilter, first: int) -> list[str]:
    """Every station that somebody meets who pages through."""
    actor = await account(runtime, Role.COMMITTEE, await area(place))
    found: list[str] = []
    after, more = None, True
    while more:
        async with snapshot(EVERYTHING) as connection:
            page = await list_stations(actor, connection, wanted, first, after)
        found += [row.id for row in page.items]
        after, more = (page.cursors[-1] if page.cursors else None), page.has_next
    return found


async def test_paging_through_meets_each_station_once_in_the_order_of_the_tree(runtime: Runtime) -> None:
    every = await Station.all().order_by("area_no", "id").using_db(service_connection())
    assert await met(runtime, CITY, StationFilter(), 47) == [one.id for one in every]
    assert len(every) == 334


@pytest.mark.parametrize(("kinds", "how_many"), [([StationKind.MEDICAL_CENTRE], 22), ([], 0), (None, 334)])
async def test_kinds_narrow_the_stations(runtime: Runtime, kinds: list[StationKind] | None, how_many: int) -> None:
    assert len(await met(runtime, CITY, StationFilter(kinds=kinds), 100)) == how_many


async def test_a_station_that_works_no_more_is_not_shown(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    (before,) = await met(runtime, ward.id, StationFilter(), 10)
    closing = Station.filter(id=before).using_db(service_connection())
    await closing.update(active=False)
    try:
        assert await met(runtime, ward.id, StationFilter(), 10) == []
    finally:
        await closing.update(active=True)


@pytest.mark.parametrize("cursor", [number_cursor("stations", 2**40, "x"), number_cursor("stations", 1, "\0"), "x"])
async def test_a_cursor_that_no_station_can_have_is_refused(runtime: Runtime, cursor: str) -> None:
    actor = await account(runtime, Role.COMMITTEE, await area(CITY))
    async with snapshot(EVERYTHING) as connection:
        with pytest.raises(InvalidCursor):
            await list_stations(actor, connection, StationFilter(), 10, cursor)
