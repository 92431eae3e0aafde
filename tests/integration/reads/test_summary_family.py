"""What a summary reads: only what is asked for, and of alerts only those that are not due yet."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from access.actor import ANONYMOUS
from access.jurisdiction import Jurisdiction
from models.alone import TOLD
from models.database import DatabaseUrls, service_connection
from models.migrate import plain
from services.declare import declare
from services.runtime import Runtime
from services.summary_family import COUNTERS, WAITING, _statement, read_family
from tests.integration.made import BREATHLESS, area, household, person, wards
from tests.integration.statements import statements

CITY = "vn-79-2022-79"
PILED_UP = 5_000


@pytest.mark.parametrize("parts", [True, False])
@pytest.mark.parametrize("sums", [(), ("declared",), ("declared", "open_alerts", WAITING), (*COUNTERS, WAITING)])
async def test_only_what_is_asked_for_is_read(runtime: Runtime, sums: tuple[str, ...], parts: bool) -> None:
    [ward, _] = await wards()
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    city, now = await area(CITY), runtime.clock.now()
    where, day = Jurisdiction(city.lo, city.hi), runtime.clock.day(now)
    with statements() as sent:
        family = await read_family(service_connection(), city.id, where, "covid19", now, day, sums=sums, parts=parts)
    assert family is not None
    [statement] = sent
    assert ("FROM alert" in statement) == (WAITING in sums)
    assert all(f"sum(c.{name})" in statement for name in sums if name != WAITING)
    assert statement.count("sum(c.") == len(set(sums) - {WAITING})
    assert bool(family.parts) == parts
    expected = {"declared": 1, "open_alerts": 1, WAITING: 1}
    for name in expected.keys() & set(sums):
        assert family.area[name] == expected[name]
        assert not parts or sum(part[name] or 0 for part in family.parts) == expected[name]


async def test_the_plan_for_every_range_does_not_go_through_alerts_that_have_piled_up(
    runtime: Runtime, urls: DatabaseUrls
) -> None:
    [ward, _] = await wards()
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    city = await area(CITY)
    connection = await asyncpg.connect(plain(urls.owner))
    try:
        await connection.execute(
            f"""
            INSERT INTO alert SELECT r.* FROM (SELECT * FROM alert LIMIT 1) a, generate_series(1, {PILED_UP}) n,
              jsonb_build_object('id', md5(n::text)::uuid, 'due_at', a.due_at - n * interval '1 hour') o,
              jsonb_populate_record(NULL::alert, to_jsonb(a) || o) r
            """
        )
        await connection.execute("ANALYZE alert; SET plan_cache_mode = force_generic_plan")
        text = _statement(frozenset(("open_alerts", WAITING)), True).replace(TOLD, "true")
        await connection.execute(f"PREPARE family (text, text, date, int, int, timestamptz) AS {text}")
        moment = runtime.clock.now() - timedelta(minutes=1)
        values = f"'{city.id}', 'covid19', '-infinity', {city.lo}, {city.hi}, '{moment.isoformat()}'"
        told = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE family ({values})")
        for step in of_alerts(json.loads(told)):
            assert step["Actual Rows"] + step.get("Rows Removed by Filter", 0) < PILED_UP / 50, step
    finally:
        await connection.close()


def of_alerts(plan: Any) -> Iterator[dict[str, Any]]:
    """Each step of a plan that reads alerts."""
    for one in plan if isinstance(plan, list) else [plan]:
        if one.get("Relation Name") == "alert":
            yield one
        for below in (one.get("Plan"), *one.get("Plans", ())):
            if below:
                yield from of_alerts(below)
