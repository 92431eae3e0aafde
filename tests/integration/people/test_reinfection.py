"""Who falls ill again is known again, and the new illness is a case of its own."""

from dataclasses import replace
from datetime import date, timedelta

from models.case import Case
from models.database import service_connection
from models.person import Person, PersonKey
from models.state import CaseState, DeclarationState, Role
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, HEALTHY, account, household, person, wards
from tests.integration.residents.resident import ID_CARD, OTHER, PHONE, resident

NAME = "Trần Thị Bích"


async def cases() -> list[Case]:
    return await Case.all().order_by("opened_at", "id").using_db(service_connection())


async def over(case: Case, runtime: Runtime) -> None:
    """The case as a station has released it."""
    await (
        Case.filter(id=case.id)
        .using_db(service_connection())
        .update(state=CaseState.COMPLETED, closed_at=runtime.clock.now())
    )


async def test_who_falls_ill_again_has_a_new_case_as_the_same_person(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    mine, staff = resident(runtime), await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, mine, household(person(name=NAME), ward=ward))
    [first] = await cases()
    await confirm(runtime, staff, first.id)
    await over(first, runtime)
    again = await declare(runtime, mine, household(person(BREATHLESS, name=NAME), ward=ward))
    [first, second] = await cases()
    assert second.person_id == first.person_id
    assert (first.state, second.state) == (CaseState.COMPLETED, CaseState.SUSPECTED)
    assert again.people[0].case_id == second.id
    assert await Person.all().using_db(service_connection()).count() == 1
    # The case that is over is as it was, and what the person reports now is judged for itself.
    assert [one.severe for one in (first, second)] == [False, True]
    assert first.danger is None


async def test_by_the_national_id_a_person_is_known_again_who_has_a_new_phone(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, resident(runtime), household(person(name=NAME, national_id=ID_CARD), ward=ward))
    [first] = await cases()
    await confirm(runtime, staff, first.id)
    await over(first, runtime)
    report = household(person(name=NAME, national_id=ID_CARD), ward=ward, phone=OTHER)
    await declare(runtime, resident(runtime, OTHER), report)
    [first, second] = await cases()
    assert second.person_id == first.person_id
    # The new phone leads to the same person from now on.
    assert await PersonKey.filter(person_id=first.person_id).using_db(service_connection()).count() == 3


async def test_after_a_report_that_was_no_case_the_next_one_is_a_new_case_of_the_person(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    mine, staff = resident(runtime), await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, mine, household(person(name=NAME), ward=ward))
    [first] = await cases()
    await dismiss(runtime, staff, first.id, DismissReason.NEGATIVE_TEST)
    await declare(runtime, mine, household(person(name=NAME), ward=ward))
    [first, second] = await cases()
    assert second.person_id == first.person_id
    assert second.state is CaseState.SUSPECTED


async def test_a_second_report_of_the_new_illness_joins_the_new_case(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    mine, staff = resident(runtime), await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, mine, household(person(name=NAME), ward=ward))
    [first] = await cases()
    await confirm(runtime, staff, first.id)
    await over(first, runtime)
    later = replace(HEALTHY, test_on=date(2022, 5, 17))
    runtime.clock.follow(runtime.clock.now(), timedelta(days=60))
    await declare(runtime, mine, household(person(later, name=NAME), ward=ward))
    joined = await declare(runtime, mine, household(person(later, name=NAME), ward=ward))
    [_, second] = await cases()
    assert joined.people[0].case_id == second.id
    assert joined.people[0].state is DeclarationState.SUBMITTED


async def test_an_unverified_report_reaches_into_nobodys_history(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, resident(runtime), household(person(name=NAME, national_id=ID_CARD), ward=ward))
    [first] = await cases()
    await confirm(runtime, staff, first.id)
    await over(first, runtime)
    nobody = replace(resident(runtime), kind="ANONYMOUS", phone_hash=None)
    await declare(runtime, nobody, household(person(name=NAME, national_id=ID_CARD), ward=ward, phone=PHONE))
    [first, second] = await cases()
    assert second.person_id != first.person_id


async def test_a_strangers_made_up_case_that_is_over_is_not_continued(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff = await account(runtime, Role.STATION_STAFF, ward)
    nobody = replace(resident(runtime), kind="ANONYMOUS", phone_hash=None)
    await declare(runtime, nobody, household(person(name="Ai Đó", national_id=ID_CARD), ward=ward, phone=OTHER))
    [made_up] = await cases()
    await dismiss(runtime, staff, made_up.id, DismissReason.PRANK)
    await declare(runtime, resident(runtime), household(person(name=NAME, national_id=ID_CARD), ward=ward))
    [made_up, real] = await cases()
    assert real.person_id != made_up.person_id
