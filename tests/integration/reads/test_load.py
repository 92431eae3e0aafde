"""What lies below an object comes in a stable order, and never without a bound."""

import random
from datetime import timedelta

from models.alert import Alert
from models.case import Assessment
from models.database import service_connection, snapshot
from models.declaration import Declaration
from models.state import Role
from services.batch import MOST_A_CASE
from services.load_accounts import account_names
from services.load_alerts import alerts_of_cases
from services.load_areas import areas_by_id, children_of_areas
from services.load_assessments import latest_assessment_of_cases
from services.load_declarations import declarations_of_cases
from services.load_stations import stations_by_id
from services.runtime import Runtime
from tests.integration.made import EVERYTHING, account, area, wards
from tests.integration.reads.rows import fill, made_alert, made_assessment, made_declaration

CITY = "vn-79-2022-79"


async def test_a_cases_alerts_come_most_dangerous_first_and_50_at_the_most(runtime: Runtime) -> None:
    places = await wards(2)
    (case, other) = await fill(places, 2, 1)
    chance = random.Random(1)
    await Alert.bulk_create([made_alert(case, chance) for _ in range(60)], using_db=service_connection())
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    async with snapshot(EVERYTHING) as connection:
        found = await alerts_of_cases(actor, connection, [case.id, other.id])
    keys = [(one.rank, one.raised_at, one.id) for one in found[case.id]]
    assert keys == sorted(keys)
    assert (len(found[case.id]), len(found[other.id])) == (MOST_A_CASE, 1)


async def test_a_cases_newest_declaration_comes_first(runtime: Runtime) -> None:
    places = await wards(2)
    (case, *_) = await fill(places, 2, 1)
    chance = random.Random(2)
    first = await Declaration.filter(case_id=case.id).using_db(service_connection()).get()
    more = [made_declaration(case, first.submission_id, chance) for _ in range(8)]
    await Declaration.bulk_create(more, using_db=service_connection())
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    async with snapshot(EVERYTHING) as connection:
        found = (await declarations_of_cases(actor, connection, [case.id]))[case.id]
    expected = sorted([first, *more], key=lambda one: (one.submitted_at, one.id), reverse=True)
    assert [one.id for one in found] == [one.id for one in expected]


async def test_the_latest_assessment_of_a_case_is_the_newest(runtime: Runtime) -> None:
    places = await wards(2)
    (case, *_) = await fill(places, 2, 1)
    chance = random.Random(3)
    declaration = await Declaration.filter(case_id=case.id).using_db(service_connection()).get()
    newest = made_assessment(case, declaration, chance)
    newest.assessed_at += timedelta(days=1)
    older = made_assessment(case, declaration, chance)
    await Assessment.bulk_create([newest, older], using_db=service_connection())
    actor = await account(runtime, Role.DEPARTMENT, await area(CITY))
    async with snapshot(EVERYTHING) as connection:
        found = await latest_assessment_of_cases(actor, connection, [case.id])
    assert (found[case.id].id, found[case.id].assessed_at) == (newest.id, newest.assessed_at)


async def test_what_cannot_be_an_identifier_is_simply_not_there(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    async with snapshot(EVERYTHING) as connection:
        assert set(await areas_by_id(connection, [ward.id, "nowhere", "\0"])) == {ward.id}
        assert set(await stations_by_id(connection, [f"{ward.id}-tyt", "\0"])) == {f"{ward.id}-tyt"}
        assert await stations_by_id(connection, []) == {}


async def test_children_of_areas_are_those_in_force_on_the_day(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    async with snapshot(EVERYTHING) as connection:
        found = await children_of_areas(connection, [CITY, ward.id], runtime.clock.day())
    assert (len(found[CITY]), found[ward.id]) == (22, [])


async def test_whoever_took_an_alert_is_named_wherever_they_work(runtime: Runtime) -> None:
    (ward, elsewhere) = await wards(2)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    doctor = await account(runtime, Role.STATION_STAFF, elsewhere)
    assert nurse.account_id
    async with snapshot(EVERYTHING) as connection:
        assert await account_names(doctor, connection, [nurse.account_id]) == {nurse.account_id: nurse.display_name}
