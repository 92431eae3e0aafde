"""The worklist: every open case once, the most urgent first, with why."""

from datetime import timedelta
from uuid import UUID

import pytest

from models.area import Area
from models.database import service_connection
from models.declaration import Declaration
from models.state import CaseState, Danger, DeclarationState, Outcome, Role
from services.acknowledge import acknowledge
from services.confirm import confirm
from services.problem import InvalidCursor, NotFound
from services.resolve import resolve
from services.runtime import Runtime
from services.work_item import WorkFilter
from services.work_kind import WorkKind
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, account, area, wards
from tests.integration.worklist.working import declared, put, work


@pytest.fixture
async def ward() -> Area:
    """A ward."""
    return (await wards())[0]


async def test_the_most_dangerous_comes_first_and_each_once(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    healthy, tired, breathless, old = await declared(runtime, ward, HEALTHY, TIRED, BREATHLESS, OLD_AND_ILL)
    page = await work(runtime, nurse)
    assert [(item.case.id, item.kind) for item in page.items] == [
        (breathless, WorkKind.RED_ALERT),
        (tired, WorkKind.AMBER_ALERT),
        (old, WorkKind.HIGH_RISK_ALERT),
        (healthy, WorkKind.DECLARATION_TO_CONFIRM),
    ]
    red = page.items[0]
    assert red.alert
    assert red.alert.reasons
    assert red.due_at == red.alert.due_at
    assert red.kinds == (WorkKind.RED_ALERT, WorkKind.DECLARATION_TO_CONFIRM)


async def test_a_page_goes_on_where_the_last_one_ended(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    for _ in range(3):
        await declared(runtime, ward, HEALTHY, BREATHLESS, OLD_AND_ILL)
    whole = [item.case.id for item in (await work(runtime, nurse)).items]
    found: list[UUID] = []
    after: str | None = None
    while True:
        page = await work(runtime, nurse, first=2, after=after)
        found += [item.case.id for item in page.items]
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert found == whole
    assert len(set(whole)) == 9


async def test_what_was_taken_gives_way_to_what_nobody_has(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    breathless, healthy = await declared(runtime, ward, BREATHLESS, HEALTHY)
    (red, _) = (await work(runtime, nurse)).items
    assert red.alert
    await acknowledge(runtime, nurse, red.alert.id)
    await confirm(runtime, nurse, breathless)
    page = await work(runtime, nurse)
    assert [(item.case.id, item.kind) for item in page.items] == [
        (healthy, WorkKind.DECLARATION_TO_CONFIRM),
        (breathless, WorkKind.TAKEN_ALERT),
    ]
    mine = await work(runtime, nurse, WorkFilter(mine=True))
    assert [item.case.id for item in mine.items] == [breathless]
    assert mine.items[0].kinds == (WorkKind.TAKEN_ALERT, WorkKind.TO_CONTACT, WorkKind.FOLLOW_UP)
    assert mine.items[0].due_at
    assert mine.items[0].due_at > runtime.clock.now()


async def test_the_list_is_narrowed_by_kind_and_danger(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    _, tired, breathless = await declared(runtime, ward, HEALTHY, TIRED, BREATHLESS)
    red = await work(runtime, nurse, WorkFilter(dangers=[Danger.RED]))
    amber = await work(runtime, nurse, WorkFilter(kinds=[WorkKind.AMBER_ALERT]))
    waiting = await work(runtime, nurse, WorkFilter(kinds=[WorkKind.DECLARATION_TO_CONFIRM]))
    nothing = await work(runtime, nurse, WorkFilter(kinds=[]))
    assert [item.case.id for item in red.items] == [breathless]
    assert [item.case.id for item in amber.items] == [tired]
    assert len(waiting.items) == 3
    assert nothing.items == []


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"checks_missed": 2}, WorkKind.MISSED_CHECK_IN),
        ({"state": CaseState.REFERRED}, WorkKind.REFERRAL_REFUSED),
        ({}, WorkKind.TO_CONTACT),
        ({"unreached": 1}, WorkKind.UNREACHED),
        ({"state": CaseState.HOME_ISOLATION}, WorkKind.FOLLOW_UP),
        ({"state": CaseState.RELEASE_DUE}, WorkKind.RELEASE_DUE),
        ({"state": CaseState.HOSPITALISED}, WorkKind.IN_HOSPITAL),
        ({"state": CaseState.LOST_TO_FOLLOW_UP}, WorkKind.LOST),
    ],
)
async def test_a_confirmed_case_stands_where_its_state_puts_it(
    runtime: Runtime, ward: Area, columns: dict[str, object], kind: WorkKind
) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (case,) = await declared(runtime, ward, HEALTHY)
    await confirm(runtime, nurse, case)
    await put(case, **columns)
    (item,) = (await work(runtime, nurse)).items
    assert item.kind is kind


@pytest.mark.parametrize(
    ("state", "completed", "kind"),
    [
        (DeclarationState.NEEDS_INFO, False, WorkKind.AWAITING_REPLY),
        (DeclarationState.SUBMITTED, True, WorkKind.REPLY),
        (DeclarationState.ACCEPTED, False, WorkKind.CASE_TO_CONFIRM),
    ],
)
async def test_a_suspected_case_stands_where_its_report_puts_it(
    runtime: Runtime, ward: Area, state: DeclarationState, completed: bool, kind: WorkKind
) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (case,) = await declared(runtime, ward, HEALTHY)
    now = runtime.clock.now()
    changed = {"state": state, "asked_at": now, "completed_at": now if completed else None}
    await Declaration.filter(case_id=case).using_db(service_connection()).update(**changed)
    (item,) = (await work(runtime, nurse)).items
    assert item.kind is kind


async def test_what_is_over_is_not_in_the_list(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (case,) = await declared(runtime, ward, HEALTHY)
    await confirm(runtime, nurse, case)
    await put(case, state=CaseState.COMPLETED, closed_at=runtime.clock.now())
    assert (await work(runtime, nurse)).items == []


async def test_an_alert_that_outlives_its_case_is_still_somebodys_to_settle(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (case,) = await declared(runtime, ward, BREATHLESS)
    (item,) = (await work(runtime, nurse)).items
    assert item.alert
    await acknowledge(runtime, nurse, item.alert.id)
    await confirm(runtime, nurse, case)
    await put(case, state=CaseState.DECEASED, closed_at=runtime.clock.now())
    assert [item.kind for item in (await work(runtime, nurse)).items] == [WorkKind.TAKEN_ALERT]
    await resolve(runtime, nurse, item.alert.id, Outcome.ADVISED)
    assert (await work(runtime, nurse)).items == []


async def test_a_worklist_is_of_those_who_care_within_their_areas(runtime: Runtime, ward: Area) -> None:
    other = (await wards())[1]
    await declared(runtime, ward, BREATHLESS)
    assert (await work(runtime, await account(runtime, Role.STATION_STAFF, other))).items == []
    for actor in (
        await account(runtime, Role.COMMITTEE, await area("vn-79-2022-79")),
        await account(runtime, Role.ADMINISTRATOR, await area("vn-79-2022-79")),
    ):
        with pytest.raises(NotFound):
            await work(runtime, actor)
    with pytest.raises(NotFound):
        await work(runtime, await account(runtime, Role.STATION_STAFF, other), WorkFilter(ward.id))


async def test_a_cursor_of_another_list_is_refused(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    with pytest.raises(InvalidCursor):
        await work(runtime, nurse, after="bm90aGluZw")


async def test_what_waits_longest_comes_first_among_equals(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (older,) = await declared(runtime, ward, BREATHLESS)
    runtime.clock.follow(runtime.clock.now() + timedelta(minutes=3), timedelta())
    (newer,) = await declared(runtime, ward, BREATHLESS)
    assert [item.case.id for item in (await work(runtime, nurse)).items] == [older, newer]
