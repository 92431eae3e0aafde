"""A person is found by name in one ward, by whoever may see persons there, and by nobody else."""

import pytest

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from models.area import Area
from models.case import Case
from models.database import service_connection, snapshot
from models.state import CaseState, Role
from services import search_cases as search
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.list_cases import CaseFilter
from services.problem import InvalidCursor, InvalidInput, NotFound
from services.runtime import Runtime
from services.search_cases import Found, search_cases
from tests.integration.made import BREATHLESS, HEALTHY, TIRED, account, household, person, wards


async def found(
    runtime: Runtime, actor: Actor, name: str, first: int | None = None, after: str | None = None, **wanted: object
) -> Found:
    """What a search finds within the actor's own bounds."""
    async with snapshot(bounds_of(actor)) as connection:
        narrowed = CaseFilter(**wanted)  # type: ignore[arg-type]  # names and types are the tests' own
        return await search_cases(runtime, actor, connection, narrowed, name, first, after)


def names(runtime: Runtime, result: Found) -> list[object]:
    """Who they are, in the order of the page."""
    return [runtime.sealer.open(f"case:{row.id}", row.identity)["name"] for row in result.page.items]


async def fill(runtime: Runtime, ward: Area) -> None:
    """Four people of one ward."""
    people = (
        person(HEALTHY, name="Nguyễn Thị Đào"),
        person(TIRED, name="Nguyễn Văn Đạo"),
        person(BREATHLESS, name="Trần Đào Nguyên"),
        person(HEALTHY, name="Lê Hoà"),
    )
    await declare(runtime, ANONYMOUS, household(*people, ward=ward))


async def test_who_is_meant_is_found_most_dangerous_first(runtime: Runtime) -> None:
    ward = (await wards(1))[0]
    await fill(runtime, ward)
    staff = await account(runtime, Role.STATION_STAFF, ward)
    result = await found(runtime, staff, "dao")
    assert names(runtime, result) == ["Trần Đào Nguyên", "Nguyễn Văn Đạo", "Nguyễn Thị Đào"]
    assert result.looked_through == 4
    assert names(runtime, await found(runtime, staff, "Đào Ng")) == names(runtime, result)
    assert names(runtime, await found(runtime, staff, "hòa")) == ["Lê Hoà"]
    assert names(runtime, await found(runtime, staff, "nobody")) == []


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(runtime: Runtime) -> None:
    ward = (await wards(1))[0]
    await fill(runtime, ward)
    staff = await account(runtime, Role.STATION_STAFF, ward)
    seen: list[object] = []
    after = None
    while True:
        result = await found(runtime, staff, "nguyen", 1, after)
        seen += names(runtime, result)
        if not result.page.has_next:
            break
        after = result.page.cursors[-1]
    assert seen == ["Trần Đào Nguyên", "Nguyễn Văn Đạo", "Nguyễn Thị Đào"]
    with pytest.raises(InvalidCursor):
        await found(runtime, staff, "nguyen", 1, "nonsense")


async def test_only_open_cases_are_looked_through_unless_states_are_named(runtime: Runtime) -> None:
    ward = (await wards(1))[0]
    await fill(runtime, ward)
    staff = await account(runtime, Role.STATION_STAFF, ward)
    (case,) = (await found(runtime, staff, "hoa")).page.items
    await dismiss(runtime, staff, case.id, DismissReason.NOT_A_RESIDENT, case.version)
    assert not (await found(runtime, staff, "hoa")).page.items
    assert (await found(runtime, staff, "hoa", states=[CaseState.NOT_A_CASE])).page.items


async def test_other_filters_narrow_it(runtime: Runtime) -> None:
    ward = (await wards(1))[0]
    await fill(runtime, ward)
    staff = await account(runtime, Role.STATION_STAFF, ward)
    result = await found(runtime, staff, "dao", severe=False)
    assert names(runtime, result) == ["Nguyễn Thị Đào"]
    assert result.looked_through == 2


async def test_a_wider_area_is_refused_and_a_ward_of_it_is_not(runtime: Runtime) -> None:
    ward = (await wards(1))[0]
    await fill(runtime, ward)
    district = await Area.get(id=ward.parent_id, using_db=service_connection())
    centre = await account(runtime, Role.MEDICAL_CENTRE, district)
    with pytest.raises(InvalidInput, match="SEARCH_TOO_WIDE"):
        await found(runtime, centre, "dao")
    assert len((await found(runtime, centre, "dao", area_id=ward.id)).page.items) == 3


async def test_too_many_cases_are_refused_before_one_is_opened(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward = (await wards(1))[0]
    await fill(runtime, ward)
    staff = await account(runtime, Role.STATION_STAFF, ward)
    monkeypatch.setattr(search, "MOST", 3)
    with pytest.raises(InvalidInput, match="TOO_MANY_TO_SEARCH"):
        await found(runtime, staff, "dao")
    assert len((await found(runtime, staff, "dao", severe=True)).page.items) == 2


async def test_roles_without_persons_and_strangers_find_nothing(runtime: Runtime) -> None:
    ward, elsewhere = await wards(2)
    await fill(runtime, ward)
    for role in (Role.COMMITTEE, Role.ADMINISTRATOR):
        with pytest.raises(NotFound):
            await found(runtime, await account(runtime, role, ward), "dao")
    with pytest.raises(NotFound):
        await found(runtime, await account(runtime, Role.STATION_STAFF, elsewhere), "dao", area_id=ward.id)


@pytest.mark.parametrize("name", ["", "  ", "...", "x" * 121, "a\0b", "\u202eabc"])
async def test_what_is_no_name_is_refused(runtime: Runtime, name: str) -> None:
    ward = (await wards(1))[0]
    with pytest.raises(InvalidInput):
        await found(runtime, await account(runtime, Role.STATION_STAFF, ward), name)


async def test_a_case_without_a_person_is_passed_over(runtime: Runtime) -> None:
    ward = (await wards(1))[0]
    await fill(runtime, ward)
    await Case.all().using_db(service_connection()).update(identity=b"")
    staff = await account(runtime, Role.STATION_STAFF, ward)
    assert not (await found(runtime, staff, "dao")).page.items
