"""Importing areas: all or nothing, again and again, numbers kept."""

import pytest

import data
from access.actor import ANONYMOUS
from models.area import Area
from models.audit import Audit
from models.database import service_connection
from services.area_file import COLUMNS
from services.csv_file import FileRefused
from services.import_areas import import_areas
from services.number_areas import number_areas
from services.runtime import Runtime

HEADER = ",".join(COLUMNS)


def file(*lines: str) -> bytes:
    """A file of areas with these lines."""
    return "\n".join([HEADER, *lines]).encode()


async def numbers() -> dict[str, tuple[int, int]]:
    """The span of every area."""
    return {area.id: (area.lo, area.hi) for area in await Area.all().using_db(service_connection())}


async def test_both_trees_stand_side_by_side(runtime: Runtime) -> None:
    assert (await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())).added == 335
    assert (await import_areas(runtime, ANONYMOUS, data.AREAS_2025.read_bytes())).added == 169
    spans = await numbers()
    assert spans["vn-79-2022-79"][1] < spans["vn-79-2025-79"][0]


async def test_a_districts_range_is_its_wards(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    connection = service_connection()
    district = await Area.get(id="vn-79-2022-760", using_db=connection)
    found = await Area.filter(lo__gt=district.lo, lo__lte=district.hi).using_db(connection)
    assert len(found) == 10
    assert {ward.parent_id for ward in found} == {district.id}


async def test_importing_again_changes_nothing(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    before = await numbers()
    again = await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    assert (again.added, again.changed, again.unchanged) == (0, 0, 335)
    assert await numbers() == before


async def test_one_wrong_line_leaves_nothing_behind(runtime: Runtime) -> None:
    content = data.AREAS_2022.read_bytes() + b"x,nowhere,9,phuong,X,X,1,,2022-01-01,,test\n"
    with pytest.raises(FileRefused, match="line 337, column parent_id"):
        await import_areas(runtime, ANONYMOUS, content)
    assert await Area.all().using_db(service_connection()).count() == 0
    assert await Audit.all().using_db(service_connection()).count() == 0


async def test_a_new_ward_goes_into_its_districts_gap_and_moves_nobody(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    before = await numbers()
    await import_areas(runtime, ANONYMOUS, file("new,vn-79-2022-760,3,phuong,Phường Mới,New Ward,1,,2022-01-01,,test"))
    after = await numbers()
    lo, hi = after.pop("new")
    assert after == before
    assert before["vn-79-2022-760"][0] < lo <= hi <= before["vn-79-2022-760"][1]


async def test_a_changed_name_is_taken_over_and_found(runtime: Runtime) -> None:
    line = "a,,1,tinh,{name},A,1,,2022-01-01,,test"
    await import_areas(runtime, ANONYMOUS, file(line.format(name="Hà Tây")))
    assert (await import_areas(runtime, ANONYMOUS, file(line.format(name="Hoà Bình")))).changed == 1
    assert (await Area.get(id="a", using_db=service_connection())).search_name == "hoa binh"


async def test_a_tree_of_four_levels_is_imported(runtime: Runtime) -> None:
    lines = [
        f"l{level},{f'l{level - 1}' if level > 1 else ''},{level},xa,L,L,{level},,2022-01-01,,t"
        for level in range(1, 5)
    ]
    assert (await import_areas(runtime, ANONYMOUS, file(*lines))).added == 4


async def test_an_area_below_another_parent_is_to_be_moved_instead(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    moved = "vn-79-2022-26740,vn-79-2022-761,3,phuong,Phường Bến Nghé,Ben Nghe Ward,26740,,2021-01-01,,t"
    with pytest.raises(FileRefused, match="khaibao areas move"):
        await import_areas(runtime, ANONYMOUS, file(moved))


async def test_a_code_of_two_areas_from_the_same_day_is_refused(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    twin = "twin,vn-79-2022-761,3,phuong,Phường Đôi,Twin Ward,26740,,2021-01-01,,t"
    with pytest.raises(FileRefused, match="26740 is vn-79-2022-26740"):
        await import_areas(runtime, ANONYMOUS, file(twin))


async def test_numbering_anew_keeps_the_shape_of_the_trees(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    await import_areas(runtime, ANONYMOUS, data.AREAS_2025.read_bytes())
    before = sorted((await numbers()).items(), key=lambda item: item[1])
    await number_areas(runtime, ANONYMOUS)
    after = sorted((await numbers()).items(), key=lambda item: item[1])
    assert [area for area, _ in before] == [area for area, _ in after]
    assert before != after
