"""Areas are public, and stand as they stood on a day."""

from datetime import date

import pytest

from models.area import Area
from models.database import service_connection, snapshot
from services.list_areas import AreaFilter, list_areas
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from tests.integration.made import EVERYTHING, wards

CITY = "vn-79-2022-79"


async def met(runtime: Runtime, wanted: AreaFilter, first: int = 100) -> list[Area]:
    """Every area that somebody meets who pages through."""
    found: list[Area] = []
    after, more = None, True
    while more:
        async with snapshot(EVERYTHING) as connection:
            page = await list_areas(runtime, connection, wanted, first, after)
        found += page.items
        after, more = (page.cursors[-1] if page.cursors else None), page.has_next
    return found


async def test_paging_through_meets_each_area_once_before_what_lies_below_it(runtime: Runtime) -> None:
    found = await met(runtime, AreaFilter(), 43)
    assert len(found) == 335
    assert [one.lo for one in found] == sorted({one.lo for one in found})
    seen: set[str | None] = {None}
    for one in found:
        assert one.parent_id in seen
        seen.add(one.id)


@pytest.mark.parametrize(
    ("wanted", "how_many"),
    [
        (AreaFilter(depth=1), 1),
        (AreaFilter(depth=2), 23),
        (AreaFilter(CITY), 334),
        (AreaFilter(CITY, depth=1), 22),
        (AreaFilter(at=date(2020, 1, 1)), 0),
        (AreaFilter(at=date(2021, 1, 1)), 335),
    ],
)
async def test_root_depth_and_day_narrow_the_areas(runtime: Runtime, wanted: AreaFilter, how_many: int) -> None:
    assert len(await met(runtime, wanted)) == how_many


async def test_an_area_is_there_until_the_day_on_which_it_ends(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    ending = Area.filter(id=ward.id).using_db(service_connection())
    await ending.update(valid_to=date(2022, 3, 10))
    try:
        last = await met(runtime, AreaFilter(ward.parent_id, date(2022, 3, 9)))
        gone = await met(runtime, AreaFilter(ward.parent_id, date(2022, 3, 10)))
    finally:
        await ending.update(valid_to=None)
    assert {one.id for one in last} - {one.id for one in gone} == {ward.id}


@pytest.mark.parametrize("typed", ["Đa Kao", "da kao", "ĐA  KAO", "Phường Đa Kao", "đa ka"])
async def test_a_search_finds_part_of_a_name_however_it_is_typed(runtime: Runtime, typed: str) -> None:
    assert "Phường Đa Kao" in {one.name for one in await met(runtime, AreaFilter(search=typed))}


@pytest.mark.parametrize("typed", ["", "  ", "%", "_", "!?"])
async def test_a_search_without_letters_finds_nothing(runtime: Runtime, typed: str) -> None:
    assert await met(runtime, AreaFilter(search=typed)) == []


@pytest.mark.parametrize("root", ["nowhere", "\0"])
async def test_an_unknown_root_is_not_found(runtime: Runtime, root: str) -> None:
    with pytest.raises(NotFound):
        await met(runtime, AreaFilter(root))


@pytest.mark.parametrize("depth", [0, -1, 1000])
async def test_a_depth_below_one_is_refused(runtime: Runtime, depth: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        await met(runtime, AreaFilter(depth=depth))
    assert refused.value.faults[0].path == ("depth",)
