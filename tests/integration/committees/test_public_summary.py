"""Everybody sees counts, rounded, of days that are over; nobody watches one person arrive."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from access.actor import ANONYMOUS
from models.area import Area
from models.area_count import AreaCount
from models.database import service_connection
from models.state import Role
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import Rule
from services.problem import InvalidInput, NotFound, TooManyRequests
from services.public_figures import METRICS, Figures
from services.public_summary import public_summary
from services.published import DAYS, PublicFigures
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.graph.asking import Asking
from tests.integration.made import account, area, wards
from tests.integration.statements import statements

CITY = "vn-79-2022-79"
TODAY = date(2022, 3, 18)


@pytest.fixture(autouse=True)
def _nobody_has_asked(runtime: Runtime) -> None:
    runtime.public = PublicFigures()


async def counted(ward: Area, day: date, declared: int, severe: int = 0) -> None:
    """So many on that day in that ward."""
    await AreaCount.create(
        using_db=service_connection(),
        area_id=ward.id,
        area_no=ward.lo,
        disease="covid19",
        day=day,
        declared=declared,
        confirmed=declared // 2,
        severe=severe,
        high_risk=0,
    )


async def test_counts_are_told_in_tens_and_small_ones_not_at_all(runtime: Runtime) -> None:
    ward, other = await wards(2)
    await counted(ward, TODAY - timedelta(days=3), 27, severe=9)
    await counted(ward, TODAY - timedelta(days=1), 36, severe=8)
    await counted(other, TODAY - timedelta(days=1), 9)
    told = (await public_summary(runtime, ANONYMOUS, ward.id)).figures
    assert [told.told(metric) for metric in METRICS] == [60, 30, 10, 0]
    assert [told.on("declared", DAYS - back) for back in (4, 3, 2, 1)] == [0, 20, 0, 40]
    assert (await public_summary(runtime, ANONYMOUS, other.id)).figures.told("declared") == 0
    city = (await public_summary(runtime, ANONYMOUS, CITY)).figures
    assert [city.told(metric) for metric in METRICS] == [70, 30, 10, 0]
    assert len(city.parts) == 22


async def test_today_is_not_told_before_it_is_over(runtime: Runtime) -> None:
    (ward,) = await wards(1)
    await counted(ward, TODAY, 500)
    summary = await public_summary(runtime, ANONYMOUS, ward.id)
    assert (summary.day, summary.figures.told("declared")) == (TODAY - timedelta(days=1), 0)
    assert summary.as_of.isoformat() == "2022-03-18T00:00:00+07:00"
    runtime.clock.follow(MOMENT + timedelta(days=1), timedelta())
    assert (await public_summary(runtime, ANONYMOUS, ward.id)).figures.told("declared") == 500


async def test_a_day_is_told_the_same_whenever_it_is_asked_for(runtime: Runtime) -> None:
    ward, other = await wards(2)
    for back in range(2, 40):
        await counted(ward, TODAY - timedelta(days=back), 3 * back % 17)
        await counted(other, TODAY - timedelta(days=back), back % 5)
    latest = (await public_summary(runtime, ANONYMOUS, CITY)).figures
    for back in (2, 7, 29):
        earlier = (await public_summary(runtime, ANONYMOUS, CITY, TODAY - timedelta(days=back + 1))).figures
        assert earlier.told("declared") == latest.totals["declared"][DAYS - back]
        assert districts(earlier, -1) == districts(latest, DAYS - back)


def districts(figures: Figures, number: int) -> list[int]:
    """What is told of each part until the end of one of the days."""
    return [part.totals["declared"][number] for part in figures.parts]


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(days=9), TODAY - timedelta(days=400), date(1, 1, 1)])
async def test_a_day_that_is_not_over_or_long_ago_is_refused(runtime: Runtime, day: date) -> None:
    with pytest.raises(InvalidInput):
        await public_summary(runtime, ANONYMOUS, CITY, day)


async def test_an_area_that_is_none_is_not_found(runtime: Runtime) -> None:
    for id in ("", "nowhere", "\0"):
        with pytest.raises(NotFound):
            await public_summary(runtime, ANONYMOUS, id)


async def test_a_storm_is_answered_from_memory(runtime: Runtime) -> None:
    with statements() as first:
        await asyncio.gather(*(public_summary(runtime, ANONYMOUS, CITY) for _ in range(200)))
    with statements() as later:
        for ward in await wards(20):
            await public_summary(runtime, ANONYMOUS, ward.id)
    assert len(first) == 2
    assert len(later) == 1  # Looking up the wards to ask for.


async def test_whoever_asks_for_ever_other_days_is_stopped_and_whoever_asks_for_one_is_not(runtime: Runtime) -> None:
    bounds = {Rule.PUBLIC_SUMMARY_BY_ADDRESS: "3 per 1 hour"}
    runtime.limits = Limiter(MemoryCounters(), runtime.pseudonymiser.counted, bounds)
    here = replace(ANONYMOUS, origin="here")
    try:
        for back in (1, 2, 3):
            for _ in range(5):
                await public_summary(runtime, here, CITY, TODAY - timedelta(days=back))
        with pytest.raises(TooManyRequests):
            await public_summary(runtime, here, CITY, TODAY - timedelta(days=4))
        await public_summary(runtime, here, CITY)
    finally:
        runtime.limits = Limiter()


async def test_nobody_has_to_sign_in_and_whoever_has_sees_the_same(runtime: Runtime) -> None:
    (ward,) = await wards(1)
    await counted(ward, TODAY - timedelta(days=1), 1234, severe=100)
    asking = Asking(runtime)
    query = """query ($id: ID!) { publicSummary(areaId: $id) {
      area { name } day asOf disease declared confirmed severe highRisk
      byDay { date declared confirmed severe highRisk }
      children { area { code } declared children { declared area { code } } } } }"""
    id = (await asking.data(ANONYMOUS, '{ area(code: "79") { id } }'))["area"]["id"]
    everybody = (await asking.data(ANONYMOUS, query, {"id": id}))["publicSummary"]
    assert (everybody["declared"], everybody["severe"], everybody["highRisk"]) == (1230, 100, None)
    assert len(everybody["byDay"]) == DAYS
    assert everybody["byDay"][-1] == {
        **{"date": "2022-03-17", "declared": 1230, "confirmed": 610, "severe": 100, "highRisk": None},
    }
    assert sum(1 for child in everybody["children"] if child["declared"]) == 1
    department = await account(runtime, Role.DEPARTMENT, await area(CITY))
    assert (await asking.data(department, query, {"id": id}))["publicSummary"] == everybody
