"""The step of 1 July 2025, and changes of every kind: what is open goes along, what is closed stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest

import data
from access.actor import ANONYMOUS, Actor
from access.jurisdiction import Jurisdiction
from models.account import Account
from models.alert import Alert, AlertEvent
from models.area import Area
from models.area_change import AreaChange
from models.area_count import ALL_DAYS, AreaCount
from models.case import Assessment, Case
from models.database import service_connection
from models.declaration import Declaration, Submission
from models.duty import Duty
from models.state import AlertChange, CaseState, ContactOutcome, Role, TransferState
from models.station import Station
from models.transfer import Transfer
from services.add_duty import Post, add_duty
from services.apply_due_changes import apply_due_changes
from services.area_change_file import COLUMNS
from services.case_tables import case_tables
from services.change_areas import ChangedAreas, change_areas
from services.confirm import confirm
from services.csv_file import FileRefused
from services.dismiss import DismissReason, dismiss
from services.duty_faults import Shift
from services.hand_over import accept_hand_over, hand_over_case
from services.import_areas import import_areas
from services.import_stations import import_stations
from services.record_contact import record_contact
from services.runtime import Runtime
from tests.integration.areas.households import JULY_2025, city_of_2022, declare_breathless, on

BEN_NGHE, SAI_GON = "vn-79-2022-26740", "vn-79-2025-26740"
DOCTOR = Actor("ACCOUNT", role=Role.STATION_STAFF, jurisdiction=Jurisdiction(0, 2**31 - 1))


@pytest.fixture
async def city(runtime: Runtime) -> Runtime:
    """The city of March 2022 with its stations, and the tree of 2025 beside it."""
    await city_of_2022(runtime)
    await import_areas(runtime, ANONYMOUS, data.AREAS_2025.read_bytes())
    return runtime


async def step_of_july_2025(runtime: Runtime) -> ChangedAreas:
    """Applies the shipped step on its day."""
    return await change_areas(on(runtime, JULY_2025), ANONYMOUS, data.CHANGES_2025.read_bytes())


async def change(runtime: Runtime, *lines: str, day: date = JULY_2025) -> ChangedAreas:
    """Applies steps of 1 July 2025 as they would be on another day."""
    content = "\n".join([",".join(COLUMNS), *(f"2025-07-01,{line},1685" for line in lines)])
    return await change_areas(on(runtime, day), ANONYMOUS, content.encode())


async def account(name: str, role: Role, area: str, station: str | None = None) -> Account:
    """An account at a place."""
    return await Account.create(
        username=name,
        password_hash="",
        display_name=name,
        role=role,
        area_id=area,
        station_id=station,
        created_at=datetime(2022, 3, 1, tzinfo=UTC),
        using_db=service_connection(),
    )


async def totals(area: str) -> tuple[int, int, int, int, int]:
    """declared, confirmed, active, pending and open alerts of a ward, from the row of all days and from the days."""
    rows = await AreaCount.filter(area_id=area).using_db(service_connection())

    def added(rows: Sequence[AreaCount]) -> tuple[int, int, int, int, int]:
        return (
            sum(row.declared for row in rows),
            sum(row.confirmed for row in rows),
            sum(row.active for row in rows),
            sum(row.pending for row in rows),
            sum(row.open_alerts for row in rows),
        )

    of_days = added([row for row in rows if row.day != ALL_DAYS])
    assert added([row for row in rows if row.day == ALL_DAYS]) == of_days
    return of_days


async def test_an_open_case_of_ben_nghe_is_sai_gons_on_1_july_2025(city: Runtime) -> None:
    declared = await declare_breathless(city, "26740")
    result = await step_of_july_2025(city)
    assert (result.applied, result.ended, result.carried.cases, result.carried.alerts) == (373, 335, 1, 1)
    connection = service_connection()
    ward = await Area.get(id=SAI_GON, using_db=connection)
    case = await Case.get(id=declared.case_id, using_db=connection)
    waiting = await Declaration.get(id=declared.id, using_db=connection)
    receipt = await Submission.get(id=declared.submission_id, using_db=connection)
    alert = await Alert.get(case_id=case.id, using_db=connection)
    for row in (case, waiting, receipt, alert):
        assert (row.area_id, row.area_no, row.station_id) == (SAI_GON, ward.lo, f"{BEN_NGHE}-tyt")
    assert (await Assessment.get(case_id=case.id, using_db=connection)).area_no == ward.lo


async def test_the_carried_alert_is_an_event_of_its_new_ward(city: Runtime) -> None:
    await declare_breathless(city, "26740")
    await step_of_july_2025(city)
    events = await AlertEvent.all().using_db(service_connection()).order_by("seq")
    places = {area.lo: area.id for area in await Area.all().using_db(service_connection())}
    assert [(event.change, places[event.area_no]) for event in events] == [
        (AlertChange.RAISED, BEN_NGHE),
        (AlertChange.CARRIED, SAI_GON),
    ]


async def test_a_closed_case_stays_readable_where_it_was(city: Runtime) -> None:
    declared = await declare_breathless(city, "26740")
    await dismiss(city, DOCTOR, declared.case_id, DismissReason.NEGATIVE_TEST)
    result = await step_of_july_2025(city)
    assert result.carried.cases == 0
    case = await Case.get(id=declared.case_id, using_db=service_connection())
    old = await Area.get(id=BEN_NGHE, using_db=service_connection())
    assert (case.area_id, case.state, old.valid_to) == (BEN_NGHE, CaseState.NOT_A_CASE, JULY_2025)
    [went] = await AreaChange.filter(from_id=BEN_NGHE).using_db(service_connection())
    assert (went.to_id, went.kind, went.applied_at is not None) == (SAI_GON, "merge", True)


async def test_what_is_open_changes_wards_in_the_counters_and_what_was_counted_stays(city: Runtime) -> None:
    first = await declare_breathless(city, "26740")
    await declare_breathless(city, "26740")
    await confirm(city, DOCTOR, first.case_id)
    assert await totals(BEN_NGHE) == (2, 1, 1, 1, 2)
    await step_of_july_2025(city)
    assert await totals(BEN_NGHE) == (2, 1, 0, 0, 0)
    assert await totals(SAI_GON) == (0, 0, 1, 1, 2)


async def test_wards_that_become_one_bring_their_cases_together(city: Runtime) -> None:
    for code in ("26740", "26737", "26746"):
        await declare_breathless(city, code)
    await step_of_july_2025(city)
    # Đa Kao's larger part is Sài Gòn, Nguyễn Thái Bình's is Bến Thành.
    assert await totals(SAI_GON) == (0, 0, 0, 2, 2)
    assert await totals("vn-79-2025-26743") == (0, 0, 0, 1, 1)


async def test_staff_go_along_with_their_ward_and_its_one_station(city: Runtime) -> None:
    nurse = await account("nurse", Role.STATION_STAFF, BEN_NGHE, f"{BEN_NGHE}-tyt")
    other = await account("other", Role.STATION_HEAD, "vn-79-2022-26737", "vn-79-2022-26737-tyt")
    await step_of_july_2025(city)
    connection = service_connection()
    for person in (nurse, other):
        await person.refresh_from_db(using_db=connection)
        assert (person.area_id, person.station_id) == (SAI_GON, f"{BEN_NGHE}-tyt")
    closed = await Station.get(id="vn-79-2022-26737-tyt", using_db=connection)
    assert (closed.active, closed.area_id) == (False, "vn-79-2022-26737")


async def test_whoever_is_on_duty_goes_along_with_the_station_or_to_the_one_that_takes_its_place(city: Runtime) -> None:
    keeper = Actor("ACCOUNT", role=Role.DEPARTMENT, jurisdiction=Jurisdiction(0, 2**31 - 1))
    shift = Shift("BS. Trực", "0901000001", tuple(range(1, 8)), time(0), time(0))
    posts = [Post(f"{BEN_NGHE}-tyt"), Post("vn-79-2022-26737-tyt"), Post(area_id=BEN_NGHE)]
    made = [await add_duty(city, keeper, post, shift) for post in posts]
    await step_of_july_2025(city)
    ward = await Area.get(id=SAI_GON, using_db=service_connection())
    for duty, station in zip(made, (f"{BEN_NGHE}-tyt", f"{BEN_NGHE}-tyt", None), strict=True):
        row = await Duty.get(id=duty.row.id, using_db=service_connection())
        assert (row.station_id, row.area_id, row.area_no) == (station, SAI_GON, ward.lo)


async def test_a_station_that_the_new_ward_has_already_takes_over(city: Runtime) -> None:
    content = f"station_id,kind,area_id,name,phone\nsg,WARD_STATION,{SAI_GON},Trạm Y tế Phường Sài Gòn,"
    await import_stations(city, ANONYMOUS, content.encode())
    nurse = await account("nurse", Role.STATION_STAFF, BEN_NGHE, f"{BEN_NGHE}-tyt")
    declared = await declare_breathless(city, "26740")
    await step_of_july_2025(city)
    await nurse.refresh_from_db(using_db=service_connection())
    case = await Case.get(id=declared.case_id, using_db=service_connection())
    assert (nurse.station_id, case.station_id) == ("sg", "sg")


async def test_a_district_account_never_grows_to_the_city(city: Runtime) -> None:
    committee = await account("district", Role.COMMITTEE, "vn-79-2022-760")
    department = await account("city", Role.DEPARTMENT, "vn-79-2022-79")
    result = await step_of_july_2025(city)
    assert result.left_accounts == ("district",)
    await committee.refresh_from_db(using_db=service_connection())
    await department.refresh_from_db(using_db=service_connection())
    assert (committee.area_id, department.area_id) == ("vn-79-2022-760", "vn-79-2025-79")


async def test_running_it_again_changes_nothing(city: Runtime) -> None:
    await declare_breathless(city, "26740")
    await step_of_july_2025(city)
    again = await step_of_july_2025(city)
    assert (again.stored, again.applied, again.carried.cases) == (0, 0, 0)


async def test_a_step_waits_for_its_day(city: Runtime) -> None:
    early = await change_areas(city, ANONYMOUS, data.CHANGES_2025.read_bytes())
    assert (early.stored, early.applied, early.waiting) == (373, 0, (JULY_2025,))
    assert (await Area.get(id=BEN_NGHE, using_db=service_connection())).valid_to is None
    assert (await change_areas(on(city, JULY_2025), ANONYMOUS)).applied == 373


async def test_a_step_that_has_become_due_is_applied_by_itself_once(city: Runtime) -> None:
    await change_areas(on(city, date(2025, 6, 30)), ANONYMOUS, data.CHANGES_2025.read_bytes())
    assert await apply_due_changes(city) == 0
    assert await apply_due_changes(on(city, JULY_2025)) == 373
    assert await apply_due_changes(city) == 0


async def test_an_older_file_of_areas_does_not_undo_the_step(city: Runtime) -> None:
    await step_of_july_2025(city)
    again = await import_areas(city, ANONYMOUS, data.AREAS_2022.read_bytes())
    assert len(again.kept) == 335
    assert (await Area.get(id=BEN_NGHE, using_db=service_connection())).valid_to == JULY_2025


async def test_a_divided_wards_case_goes_to_the_largest_share(city: Runtime) -> None:
    declared = await declare_breathless(city, "26740")
    await change(city, f"split,{BEN_NGHE},{SAI_GON},0.3", f"part,{BEN_NGHE},vn-79-2025-26743,0.7")
    case = await Case.get(id=declared.case_id, using_db=service_connection())
    assert case.area_id == "vn-79-2025-26743"


async def test_a_ward_that_gives_a_part_away_goes_on_with_its_cases(city: Runtime) -> None:
    declared = await declare_breathless(city, "26740")
    result = await change(city, f"part,{BEN_NGHE},{SAI_GON},0.2")
    case = await Case.get(id=declared.case_id, using_db=service_connection())
    assert (result.applied, result.ended, case.area_id) == (1, 0, BEN_NGHE)


@pytest.mark.parametrize("kind", ["rename", "recode"])
async def test_a_ward_goes_on_under_its_new_name_or_code(city: Runtime, kind: str) -> None:
    declared = await declare_breathless(city, "26740")
    await change(city, f"{kind},{BEN_NGHE},{SAI_GON},")
    case = await Case.get(id=declared.case_id, using_db=service_connection())
    assert case.area_id == SAI_GON


async def test_a_ward_that_goes_below_another_district_stays_the_same_ward(city: Runtime) -> None:
    declared = await declare_breathless(city, "26740")
    result = await change(city, f"reparent,{BEN_NGHE},vn-79-2022-761,")
    ward = await Area.get(id=BEN_NGHE, using_db=service_connection())
    case = await Case.get(id=declared.case_id, using_db=service_connection())
    assert (result.moved, ward.parent_id, ward.valid_to) == (1, "vn-79-2022-761", None)
    assert (case.area_id, case.area_no) == (BEN_NGHE, ward.lo)


async def test_areas_left_below_one_that_ended_are_named(city: Runtime) -> None:
    result = await change(city, "merge,vn-79-2022-786,vn-79-2025-79,")
    assert len(result.left_areas) == 7


async def test_one_wrong_line_leaves_everything_as_it_was(city: Runtime) -> None:
    content = data.CHANGES_2025.read_bytes() + b"2025-07-01,merge,nowhere,vn-79-2025-79,1,x\n"
    with pytest.raises(FileRefused, match="line 375, column from_id"):
        await change_areas(on(city, JULY_2025), ANONYMOUS, content)
    assert await AreaChange.all().using_db(service_connection()).count() == 0
    assert (await Area.get(id=BEN_NGHE, using_db=service_connection())).valid_to is None


async def test_all_rows_of_an_open_case_go_along_and_so_does_a_hand_over_that_waits(city: Runtime) -> None:
    doctor = replace(DOCTOR, account_id=uuid4())
    declared = await declare_breathless(city, "26740")
    case = await confirm(city, doctor, declared.case_id)
    await record_contact(city, doctor, case.id, ContactOutcome.NO_ANSWER)
    connection = service_connection()
    transfer = await hand_over_case(city, doctor, case.id, "vn-79-2022-26743", "Đã chuyển nhà.")
    await step_of_july_2025(city)
    ward = await Area.get(id=SAI_GON, using_db=connection)
    for table, _ in case_tables():
        _, rows = await connection.execute_query(f"SELECT area_no FROM {table} WHERE case_id = $1", [case.id])
        assert {row["area_no"] for row in rows} <= {ward.lo}, table
    moved = await Transfer.get(id=transfer.id, using_db=connection)
    successor = await Area.get(id=moved.to_area_id, using_db=connection)
    assert (moved.from_area_id, moved.from_no, moved.area_no) == (SAI_GON, ward.lo, successor.lo)
    assert successor.valid_to is None
    taken = await accept_hand_over(on(city, JULY_2025), doctor, transfer.id)
    assert taken.state == TransferState.ACCEPTED
    assert (await Case.get(id=case.id, using_db=connection)).area_id == successor.id
