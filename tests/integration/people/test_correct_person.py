"""Who a case is, put right."""

from datetime import date

import pytest

from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.person import PersonKey
from models.state import CaseEventKind, Role
from services.correct_person import Correction, correct_person
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.identify import opened
from services.problem import Conflict, InvalidInput, NotFound
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, account, household, person, wards
from tests.integration.residents.resident import ID_CARD, OTHER, PHONE, resident

NAME = "Trần Thị Bík"
WHY = "đọc lại giấy tờ"


async def slip(runtime: Runtime) -> Case:
    """A case whose name, phone and number were taken down wrongly."""
    (ward, *_) = await wards()
    household_ = household(person(name=NAME, national_id=ID_CARD), ward=ward)
    receipt = await declare(runtime, resident(runtime), household_)
    return await Case.get(id=receipt.people[0].case_id, using_db=service_connection())


async def test_what_was_wrong_is_right_and_stands_sealed_in_the_timeline(runtime: Runtime) -> None:
    staff = await account(runtime, Role.STATION_STAFF, (await wards())[0])
    case = await slip(runtime)
    right = Correction(WHY, name="Trần  Thị Bích", birth_year=1950, sex="male")
    corrected = await correct_person(runtime, staff, case.id, right, case.version)
    who = opened(runtime, corrected)
    assert (who.name, who.birth_date, who.birth_year, who.phone) == ("Trần Thị Bích", None, 1950, "+84912345678")
    assert (corrected.sex, corrected.age_band, corrected.version) == ("male", "66-79", case.version + 1)
    event = await CaseEvent.get(case_id=case.id, using_db=service_connection())
    assert event.kind is CaseEventKind.CORRECTED
    assert event.detail
    told = runtime.sealer.open(f"case_event:{event.id}", event.detail)
    assert told["reason"] == WHY
    assert told["before"] == {
        "NAME": {"name": NAME},
        "BIRTH": {"birth_date": "1990-05-17", "birth_year": None, "age_band": "18-49"},
        "SEX": {"sex": "female"},
    }


async def test_by_the_right_name_and_phone_the_person_is_known_from_now_on(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff, case = await account(runtime, Role.STATION_STAFF, ward), await slip(runtime)
    await correct_person(runtime, staff, case.id, Correction(WHY, name="Trần Thị Bích", phone=OTHER))
    report = household(person(name="Trần Thị Bích"), ward=ward, phone=OTHER)
    assert (await declare(runtime, resident(runtime, OTHER), report)).people[0].case_id == case.id
    corrected = await Case.get(id=case.id, using_db=service_connection())
    assert corrected.phone_hash == runtime.pseudonymiser.phone("+84987654321")


async def test_by_the_slip_the_same_phone_still_finds_its_case(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff, case = await account(runtime, Role.STATION_STAFF, ward), await slip(runtime)
    await correct_person(runtime, staff, case.id, Correction(WHY, name="Trần Thị Bích"))
    again = await declare(runtime, resident(runtime), household(person(name=NAME), ward=ward))
    assert again.people[0].case_id == case.id


async def test_a_wrong_national_id_leads_to_nobody_any_more(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff, case = await account(runtime, Role.STATION_STAFF, ward), await slip(runtime)
    await correct_person(runtime, staff, case.id, Correction(WHY, national_id="079090099999"))
    # Whoever the number really belongs to is somebody else.
    owner = household(person(BREATHLESS, name="Lê An", national_id=ID_CARD), ward=ward, phone=OTHER)
    other = (await declare(runtime, resident(runtime, OTHER), owner)).people[0].case_id
    assert other != case.id
    rows = await Case.filter(id__in=[case.id, other]).using_db(service_connection())
    assert len({row.person_id for row in rows}) == 2


async def test_a_number_that_an_older_case_of_the_person_has_still_leads_to_them(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff, first = await account(runtime, Role.STATION_STAFF, ward), await slip(runtime)
    await dismiss(runtime, staff, first.id, DismissReason.NEGATIVE_TEST)
    second = await slip(runtime)
    assert second.id != first.id
    await correct_person(runtime, staff, second.id, Correction(WHY, national_id=""))
    assert opened(runtime, await Case.get(id=second.id, using_db=service_connection())).national_id is None
    hashes = runtime.pseudonymiser.national_ids(ID_CARD)
    assert await PersonKey.filter(hash__in=hashes).using_db(service_connection()).count() == 1


async def test_what_already_leads_to_somebody_else_stays_theirs(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff, case = await account(runtime, Role.STATION_STAFF, ward), await slip(runtime)
    report = household(person(name="Lê An"), ward=ward, phone=OTHER)
    await declare(runtime, resident(runtime, OTHER), report)
    before = await PersonKey.all().order_by("hash").using_db(service_connection()).values()
    await correct_person(runtime, staff, case.id, Correction(WHY, name="Lê An", phone=OTHER))
    assert await PersonKey.all().order_by("hash").using_db(service_connection()).values() == before


async def test_saying_what_is_there_already_changes_nothing(runtime: Runtime) -> None:
    staff, case = await account(runtime, Role.STATION_STAFF, (await wards())[0]), await slip(runtime)
    again = await correct_person(runtime, staff, case.id, Correction(WHY, name=NAME, phone=PHONE))
    assert again.version == case.version
    assert await CaseEvent.all().using_db(service_connection()).count() == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (Correction(WHY), "NOTHING_TO_CORRECT"),
        (Correction("", name="Lê An"), "REQUIRED"),
        (Correction(WHY, name=" "), "REQUIRED"),
        (Correction(WHY, phone="12"), "BAD_PHONE"),
        (Correction(WHY, national_id="1-2"), "BAD_NATIONAL_ID"),
        (Correction(WHY, birth_date=date(2030, 1, 1)), "IN_FUTURE"),
        (Correction(WHY, birth_date=date(1990, 1, 1), birth_year=1990), "ONE_OF"),
        (Correction(WHY, sex="neither"), "UNKNOWN_CODE"),
    ],
)
async def test_what_cannot_be_is_refused(runtime: Runtime, wrong: Correction, code: str) -> None:
    staff, case = await account(runtime, Role.STATION_STAFF, (await wards())[0]), await slip(runtime)
    with pytest.raises(InvalidInput, match=code):
        await correct_person(runtime, staff, case.id, wrong)


async def test_a_stale_version_another_ward_and_a_case_that_is_none_are_refused(runtime: Runtime) -> None:
    (ward, far, *_) = await wards()
    staff, case = await account(runtime, Role.STATION_STAFF, ward), await slip(runtime)
    right = Correction(WHY, name="Trần Thị Bích")
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await correct_person(runtime, staff, case.id, right, case.version + 1)
    for nobody in (await account(runtime, Role.STATION_STAFF, far), resident(runtime)):
        with pytest.raises(NotFound):
            await correct_person(runtime, nobody, case.id, right)
    await dismiss(runtime, staff, case.id, DismissReason.PRANK)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await correct_person(runtime, staff, case.id, right)
