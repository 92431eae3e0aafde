"""Moving a subtree: it and its rows alone, while residents go on declaring."""

import asyncio

import pytest

from access.actor import ANONYMOUS
from models.area import Area
from models.database import service_connection
from models.numbering import LAST
from services.area_numbers import numbered_columns
from services.move_area import MoveRefused, move_area
from services.number_areas import number_areas
from services.runtime import Runtime
from tests.integration.areas.households import city_of_2022, declare_breathless

BEN_NGHE, DISTRICT_1, DISTRICT_12 = "vn-79-2022-26740", "vn-79-2022-760", "vn-79-2022-761"


async def numbers() -> dict[str, int]:
    """The own number of every area."""
    return {area.id: area.lo for area in await Area.all().using_db(service_connection())}


async def strays() -> list[str]:
    """Tables with a row whose number is not its area's."""
    found = []
    for table in {table for table, _ in numbered_columns()}:
        _, rows = await service_connection().execute_query(
            f"SELECT count(*) AS strays FROM {table} r WHERE area_no IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM area a WHERE a.lo = r.area_no)"
        )
        if rows[0]["strays"]:
            found.append(table)
    return found


async def wrong_numbers() -> int:
    """How many declarations have another number than the area they name."""
    _, rows = await service_connection().execute_query(
        "SELECT count(*) AS wrong FROM declaration d JOIN area a ON a.id = d.area_id WHERE a.lo <> d.area_no"
    )
    return int(rows[0]["wrong"])


def test_every_table_with_a_number_is_known(runtime: Runtime) -> None:
    tables = {table for table, _ in numbered_columns()}
    assert {"illness_case", "declaration", "submission", "alert", "alert_event", "assessment"} <= tables
    assert {"area_count", "ack_histogram", "station", "audit"} <= tables
    assert ("transfer", "from_no") in numbered_columns()


async def test_a_ward_moves_with_its_rows_and_nobody_else_does(runtime: Runtime) -> None:
    await city_of_2022(runtime)
    declared = await declare_breathless(runtime, "26740")
    before = await numbers()
    moved = await move_area(runtime, ANONYMOUS, BEN_NGHE, DISTRICT_12)
    after = await numbers()
    assert moved.areas == 1
    assert moved.rows >= 8
    assert [area for area in after if after[area] != before[area]] == [BEN_NGHE]
    await declared.refresh_from_db(using_db=service_connection())
    assert declared.area_no == after[BEN_NGHE]
    assert await strays() == []


async def test_a_district_that_becomes_a_tree_of_its_own_takes_its_wards_along(runtime: Runtime) -> None:
    await city_of_2022(runtime)
    moved = await move_area(runtime, ANONYMOUS, DISTRICT_1, None)
    connection = service_connection()
    district = await Area.get(id=DISTRICT_1, using_db=connection)
    below = await Area.filter(lo__gt=district.lo, lo__lte=district.hi).using_db(connection)
    assert (moved.areas, district.level, {ward.level for ward in below}, len(below)) == (11, 1, {2}, 10)


@pytest.mark.parametrize("parent", [DISTRICT_1, BEN_NGHE])
async def test_an_area_cannot_move_into_itself(runtime: Runtime, parent: str) -> None:
    await city_of_2022(runtime)
    with pytest.raises(MoveRefused, match="choose a parent elsewhere"):
        await move_area(runtime, ANONYMOUS, DISTRICT_1, parent)


async def test_an_unknown_area_is_refused(runtime: Runtime) -> None:
    with pytest.raises(MoveRefused, match="there is no area nowhere"):
        await move_area(runtime, ANONYMOUS, "nowhere", None)


async def test_declares_that_go_on_meanwhile_never_keep_an_old_number(runtime: Runtime) -> None:
    await city_of_2022(runtime)
    done = 0

    async def residents() -> None:
        nonlocal done
        while done < 60:
            done += 1
            await declare_breathless(runtime, "26740")

    async def surveyors() -> int:
        moves = 0
        while done < 60:
            await move_area(runtime, ANONYMOUS, BEN_NGHE, (DISTRICT_12, DISTRICT_1)[moves % 2])
            moves += 1
        return moves

    async def office() -> int:
        rounds = 0
        while done < 60:
            await number_areas(runtime, ANONYMOUS)
            rounds += 1
        return rounds

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(residents())
        moving, numbering = tasks.create_task(surveyors()), tasks.create_task(office())
    assert moving.result() > 0
    assert numbering.result() > 0
    assert await wrong_numbers() == 0
    assert await strays() == []
    assert max((await numbers()).values()) <= LAST
