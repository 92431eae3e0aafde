"""Looking areas up by code and by name, at a date."""

from datetime import date

import data
from access.actor import ANONYMOUS
from models.database import service_connection
from services.change_areas import change_areas
from services.find_area import Within, find_area, find_area_named
from services.import_areas import import_areas
from services.runtime import Runtime
from tests.integration.areas.households import JULY_2025, MARCH_2022, on

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


async def both_trees(runtime: Runtime) -> None:
    """The trees of 2022 and 2025 and the step between them."""
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    await import_areas(runtime, ANONYMOUS, data.AREAS_2025.read_bytes())
    await change_areas(on(runtime, JULY_2025), ANONYMOUS, data.CHANGES_2025.read_bytes())


async def test_a_code_names_one_area_before_the_step_and_another_after_it(runtime: Runtime) -> None:
    await both_trees(runtime)
    found = [await find_area(service_connection(), "26740", day) for day in (BEFORE, AFTER)]
    assert [area.name for area in found if area] == ["Phường Bến Nghé", "Phường Sài Gòn"]


async def test_a_code_names_nothing_before_its_area_was_there(runtime: Runtime) -> None:
    await both_trees(runtime)
    assert await find_area(service_connection(), "26740", date(2020, 12, 31)) is None
    assert await find_area(service_connection(), "760", AFTER) is None


async def test_of_two_trees_without_a_step_the_later_one_is_meant(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    await import_areas(runtime, ANONYMOUS, data.AREAS_2025.read_bytes())
    found = await find_area(service_connection(), "26740", AFTER)
    assert found is not None
    assert found.name == "Phường Sài Gòn"


async def test_a_bare_number_finds_districts_and_wards_with_and_without_a_zero(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    found = await find_area_named(service_connection(), "01", MARCH_2022)
    assert found[0].name == "Quận 1"
    assert {area.name for area in found} == {"Quận 1", "Phường 01"}
    assert found == await find_area_named(service_connection(), "1", MARCH_2022)


async def test_a_district_narrows_which_ward_is_meant(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    district = await find_area(service_connection(), "770", MARCH_2022)
    assert district is not None
    found = await find_area_named(service_connection(), "phường 1", MARCH_2022, Within(district.lo, district.hi))
    assert [area.national_code for area in found] == ["27160"]


async def test_old_and_new_accents_find_the_same_and_the_exact_ones_come_first(runtime: Runtime) -> None:
    await both_trees(runtime)
    for typed in ("Phường Bình Hưng Hòa A", "Phường Bình Hưng Hoà A", "p. binh hung hoa a"):
        assert [area.national_code for area in await find_area_named(service_connection(), typed, BEFORE)] == ["27439"]
    for typed, other in (("Xã Thạnh An", "Xã Thanh An"), ("xã thanh an", "Xã Thạnh An")):
        found = await find_area_named(service_connection(), typed, AFTER)
        assert [found[0].name.lower(), found[1].name] == [typed.lower(), other]
