"""An area's summary equals a count of its rows, whatever has happened, for any area and any days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from access.actor import Actor
from models.area import Area
from models.area_count import ALL_DAYS
from models.database import service_connection, snapshot
from models.presence import Presence
from models.state import Role
from services.problem import InvalidInput
from services.runtime import Runtime
from services.summarise import summarise
from services.summary_alerts import overdue_of, times_of
from services.summary_children import children_of
from services.summary_days import days_of
from services.summary_stations import connected_of, stations_of
from services.summary_totals import Counts, totals_of
from tests.integration.made import EVERYTHING, account, area, wards
from tests.integration.reads.recount import Rows, all_rows
from tests.integration.reads.story import tell

CITY = "vn-79-2022-79"
SINCE = ALL_DAYS + timedelta(days=1)


async def told(runtime: Runtime, seed: int) -> tuple[Actor, list[Area], Rows]:
    """A story in three wards of two districts, who may see it all, and its rows."""
    (ward, far) = await wards(2)
    neighbours = await Area.filter(parent_id=ward.parent_id).order_by("lo").using_db(service_connection())
    places = [*neighbours[:2], far]
    city = await account(runtime, Role.DEPARTMENT, await area(CITY))
    await tell(runtime, city, places, 50, seed)
    return city, places, await all_rows(runtime)


async def above(places: list[Area]) -> list[Area]:
    """The wards, their districts, the city."""
    return [*places, await area(places[0].parent_id), await area(places[2].parent_id), await area(CITY)]


def counted(counts: Counts) -> Counts:
    return replace(counts, last_action_at=None)


def near(found: float | None, exact: float | None) -> bool:
    """At most 5 % off, or half a second for what took less than one."""
    if found is None or exact is None:
        return found is exact
    return found == pytest.approx(exact, rel=0.05, abs=0.5)


@pytest.mark.parametrize("seed", range(4))
async def test_a_summary_equals_a_count_of_the_rows(runtime: Runtime, seed: int) -> None:
    city, places, rows = await told(runtime, seed)
    today = runtime.clock.day()
    for place in await above(places):
        async with snapshot(EVERYTHING) as connection:
            summary = await summarise(runtime, city, connection, place.id)
            counts = (await totals_of(connection, [summary]))[summary]
            overdue = (await overdue_of(connection, [summary]))[summary]
            times = (await times_of(connection, [summary]))[summary]
        assert counted(counts) == rows.counts(place, SINCE, today)
        assert overdue == rows.overdue(place)
        assert near(times.p50, rows.seconds(place, 0.5, SINCE, today))
        assert near(times.p90, rows.seconds(place, 0.9, SINCE, today))


@pytest.mark.parametrize("seed", range(4))
async def test_a_summary_of_some_days_equals_a_count_of_those_days(runtime: Runtime, seed: int) -> None:
    began = runtime.clock.day()
    city, places, rows = await told(runtime, seed)
    today = runtime.clock.day()
    middle = began + (today - began) / 2
    for from_, to in ((began, middle), (middle, None), (None, middle), (middle, middle), (None, today)):
        for place in await above(places):
            async with snapshot(EVERYTHING) as connection:
                summary = await summarise(runtime, city, connection, place.id, from_, to)
                counts = (await totals_of(connection, [summary]))[summary]
                times = (await times_of(connection, [summary]))[summary]
            assert counted(counts) == rows.counts(place, from_ or SINCE, to or today)
            assert near(times.p50, rows.seconds(place, 0.5, from_ or SINCE, to or today))


@pytest.mark.parametrize("seed", range(3))
async def test_each_day_of_a_summary_equals_a_count_of_that_day(runtime: Runtime, seed: int) -> None:
    city, places, rows = await told(runtime, seed)
    today = runtime.clock.day()
    for place in await above(places):
        for from_, to in ((None, None), (today - timedelta(days=9), today - timedelta(days=2))):
            async with snapshot(EVERYTHING) as connection:
                summary = await summarise(runtime, city, connection, place.id, from_, to)
                days = (await days_of(connection, [summary]))[summary]
            first = from_ or today - timedelta(days=29)
            expected = [first + timedelta(days=number) for number in range(((to or today) - first).days + 1)]
            assert [one.date for one in days] == expected
            assert [counted(one.counts) for one in days] == [rows.counts(place, day, day) for day in expected]


@pytest.mark.parametrize("days", [(None, None), (date(2022, 3, 18), date(2022, 3, 19))])
async def test_children_and_stations_have_the_figures_of_their_areas(
    runtime: Runtime, days: tuple[date | None, date | None]
) -> None:
    city, _, rows = await told(runtime, 7)
    first, last = days[0] or SINCE, days[1] or runtime.clock.day()
    async with snapshot(EVERYTHING) as connection:
        summary = await summarise(runtime, city, connection, None, *days)
        districts = (await children_of(connection, [summary]))[summary]
        stations = (await stations_of(city, connection, [summary]))[summary]
        places = [*districts, *(station.summary for station in stations)]
        counts = await totals_of(connection, places)
        overdue = await overdue_of(connection, places)
        times = await times_of(connection, places)
    assert (len(districts), len(stations)) == (22, 334)
    assert sum(counts[one].declared for one in districts) == rows.counts(summary.area, first, last).declared > 0
    for one in places:
        assert counted(counts[one]) == rows.counts(one.area, first, last)
        assert overdue[one] == rows.overdue(one.area)
        assert near(times[one].p90, rows.seconds(one.area, 0.9, first, last))


async def test_the_last_action_is_the_newest_deed_of_staff_in_the_area(runtime: Runtime) -> None:
    city, _, rows = await told(runtime, 2)
    alerts = [moment for one in rows.alerts for moment in (one.acknowledged_at, one.resolved_at) if moment]
    cases = [moment for one in rows.cases for moment in (one.confirmed_at, one.closed_at) if moment]
    async with snapshot(EVERYTHING) as connection:
        summary = await summarise(runtime, city, connection)
        counts = (await totals_of(connection, [summary]))[summary]
    assert counts.last_action_at == max(alerts + cases)


async def test_a_station_is_connected_while_a_process_says_so(runtime: Runtime) -> None:
    service = service_connection()
    for station, sockets, age in (("here", 2, 3), ("gone", 0, 3), ("dead", 1, 16), ("dead", 0, 1)):
        await service.execute_query(
            "WITH p AS (INSERT INTO presence (id, process, station_id, sockets, seen_at) VALUES"
            " ($1, gen_random_uuid(), $2, $3, now() - $4 * interval '1 second')) SELECT",
            [f"{station}{age}", station, sockets, age],
        )
    async with snapshot(EVERYTHING) as connection:
        assert await connected_of(connection, ["here", "gone", "dead", "never"]) == {"here"}
    await Presence.all().using_db(service).delete()


async def test_an_area_that_ended_stays_among_the_children_while_it_has_figures(runtime: Runtime) -> None:
    city, places, _ = await told(runtime, 3)
    service = service_connection()
    empty = await Area.filter(parent_id=places[0].parent_id).order_by("-lo").using_db(service).first()
    ended = [places[0].id, empty.id] if empty else []
    await Area.filter(id__in=ended).using_db(service).update(valid_to=date(2022, 3, 1))
    try:
        async with snapshot(EVERYTHING) as connection:
            summary = await summarise(runtime, city, connection, places[0].parent_id)
            children = (await children_of(connection, [summary]))[summary]
            counts = await totals_of(connection, [summary, *children])
    finally:
        await Area.filter(id__in=ended).using_db(service).update(valid_to=None)
    assert [id for id in ended if id in {one.area.id for one in children}] == [places[0].id]
    assert sum(counts[one].declared for one in children) == counts[summary].declared


@pytest.mark.parametrize(
    ("from_", "to", "path"),
    [
        (date(2022, 3, 20), date(2022, 3, 19), ("to",)),
        (date(2021, 3, 18), date(2022, 3, 19), ("from",)),
        (date(2021, 1, 1), None, ("from",)),
        (ALL_DAYS, ALL_DAYS, ("from",)),
    ],
)
async def test_days_out_of_order_or_too_many_are_refused(
    runtime: Runtime, from_: date, to: date | None, path: tuple[str]
) -> None:
    city = await account(runtime, Role.COMMITTEE, await area(CITY))
    async with snapshot(EVERYTHING) as connection:
        with pytest.raises(InvalidInput) as refused:
            await summarise(runtime, city, connection, None, from_, to)
    assert [fault.path for fault in refused.value.faults] == [path]


async def test_another_disease_has_figures_of_its_own(runtime: Runtime) -> None:
    city, _, _ = await told(runtime, 1)
    async with snapshot(EVERYTHING) as connection:
        summary = await summarise(runtime, city, connection, disease="dengue")
        assert await totals_of(connection, [summary]) == {summary: Counts()}
        assert await overdue_of(connection, [summary]) == {summary: 0}
