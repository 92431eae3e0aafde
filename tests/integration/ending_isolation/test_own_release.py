"""What a resident knows of the end of an isolation: the day, what is missing, and that a merge takes nothing away."""

from typing import Any

import pytest

from access.actor import Actor
from models.certificate import Certificate
from models.database import service_connection
from models.declaration import Declaration, Submission
from models.release_test import ReleaseTest
from models.state import CaseState, ContactOutcome, Role
from services.check_in import check_in
from services.check_in_report import CheckInReport
from services.confirm import confirm
from services.declare import declare
from services.list_certificates import own_certificates
from services.merge_persons import merge_persons
from services.problem import NotFound
from services.read_receipt import read_receipt
from services.record_contact import record_contact
from services.record_release_test import record_release_test
from services.release_case import release_case
from services.runtime import Runtime
from services.send_release_test import send_release_test
from services.sign_certificates import sign_certificate
from services.verify_release_test import verify_release_test
from tests.integration.ending_isolation.fetching import fetched
from tests.integration.ending_isolation.ill import NEGATIVE, POSITIVE, Ill, ill, on_day
from tests.integration.ending_isolation.test_api import signed_in
from tests.integration.graph.asking import Asking
from tests.integration.made import account, household, person, wards
from tests.integration.residents.resident import ID_CARD, OTHER, PHONE, resident

RAPID = "rapid_antigen"
OWN = """
{ myDeclarations { nodes { case {
  state testOn releaseOn nextCheckInDue allowedActions release { possible missing fromDay }
  releaseTests { result verifiedAt verifiedBy { name } allowedActions }
} } } }
"""


async def seen_by(runtime: Runtime, actor: Actor) -> Any:
    """The case of the newest declaration, as its resident is shown it."""
    return (await Asking(runtime).data(actor, OWN))["myDeclarations"]["nodes"][0]["case"]


async def declaration_of(found: Ill) -> Declaration:
    return await Declaration.get(case_id=found.case.id, using_db=service_connection())


async def receipt_of(found: Ill) -> str:
    row = await declaration_of(found)
    return (await Submission.get(id=row.submission_id, using_db=service_connection())).receipt_code


async def merged(runtime: Runtime) -> tuple[Ill, Ill]:
    """Somebody who was reported from two phones: the case that goes on, and the one that rests in it."""
    on_day(runtime, 1)
    kept, other = await ill(runtime), await ill(runtime, phone=OTHER)
    await record_contact(runtime, kept.staff, kept.case.id, ContactOutcome.REACHED)
    await merge_persons(runtime, kept.staff, (kept.case.id, None), (other.case.id, None))
    return kept, other


async def test_a_resident_sees_the_day_and_what_is_missing(runtime: Runtime) -> None:
    on_day(runtime, 1)
    found = await ill(runtime)
    case = await seen_by(runtime, found.resident)
    assert (case["testOn"], case["releaseOn"]) == ("2022-03-17", "2022-03-24")
    assert case["release"] == {"possible": False, "missing": "TOO_EARLY", "fromDay": "2022-03-24"}
    today = on_day(runtime, 7)
    assert (await seen_by(runtime, found.resident))["release"]["missing"] == "NO_NEGATIVE_TEST"
    id = (await declaration_of(found)).id
    test = await send_release_test(runtime, found.resident, id, RAPID, today, NEGATIVE)
    case = await seen_by(runtime, found.resident)
    assert case["release"]["missing"] == "TEST_NOT_VERIFIED"
    assert [(one["result"], one["verifiedAt"]) for one in case["releaseTests"]] == [("NEGATIVE", None)]
    await verify_release_test(runtime, found.staff, test.id)
    case = await seen_by(runtime, found.resident)
    assert case["release"] == {"possible": True, "missing": None, "fromDay": "2022-03-24"}
    # That staff has seen the test, and not who.
    assert case["releaseTests"][0]["verifiedAt"] is not None
    assert (case["releaseTests"][0]["verifiedBy"], case["releaseTests"][0]["allowedActions"]) == (None, [])


async def test_whoever_is_still_positive_is_told_the_later_day(runtime: Runtime) -> None:
    on_day(runtime, 1)
    found = await ill(runtime, doses=1)
    await record_release_test(runtime, found.staff, found.case.id, RAPID, on_day(runtime, 7), POSITIVE)
    case = await seen_by(runtime, found.resident)
    assert case["release"] == {"possible": False, "missing": "STILL_POSITIVE", "fromDay": "2022-03-31"}


async def test_the_receipt_s_code_tells_the_day_alone(runtime: Runtime) -> None:
    on_day(runtime, 1)
    found = await ill(runtime)
    status = await read_receipt(runtime, None, await receipt_of(found))
    assert [str(day) for day in status.release_on] == ["2022-03-24"]
    query = "query ($code: String!) { receipt(code: $code) { releaseOn } }"
    told = await Asking(runtime).data(found.resident, query, {"code": status.code})
    assert told["receipt"]["releaseOn"] == ["2022-03-24"]


async def test_a_neighbour_who_types_the_same_person_learns_no_day(runtime: Runtime) -> None:
    on_day(runtime, 1)
    (ward, *_) = await wards(1)
    for phone in (PHONE, OTHER):
        report = household(person(national_id=ID_CARD, name="Lê Thị Ba"), ward=ward, phone=phone)
        receipt = await declare(runtime, resident(runtime, phone), report)
    staff = await account(runtime, Role.STATION_STAFF, ward)
    await confirm(runtime, staff, receipt.people[0].case_id)
    assert (await seen_by(runtime, resident(runtime)))["releaseOn"] == "2022-03-24"
    case = await seen_by(runtime, resident(runtime, OTHER))
    assert (case["testOn"], case["releaseOn"], case["release"], case["releaseTests"]) == (None, None, None, [])
    assert (await read_receipt(runtime, None, receipt.code)).release_on == (None,)


async def test_whose_case_was_merged_sees_how_the_one_that_goes_on_stands(runtime: Runtime) -> None:
    kept, other = await merged(runtime)
    shown = [await seen_by(runtime, one.resident) for one in (kept, other)]
    assert shown[0] == shown[1]
    assert shown[1]["state"] == "HOME_ISOLATION"
    assert shown[1]["nextCheckInDue"] is not None
    assert "CHECK_IN" in shown[1]["allowedActions"]
    status = [await read_receipt(runtime, None, await receipt_of(one)) for one in (kept, other)]
    assert status[0].release_on == status[1].release_on
    assert status[0].next_check_in_due == status[1].next_check_in_due is not None


async def test_whose_case_was_merged_checks_in_and_sends_the_test_that_ends_it(runtime: Runtime) -> None:
    kept, other = await merged(runtime)
    id = (await declaration_of(other)).id
    taken = await check_in(runtime, other.resident, CheckInReport("own", ("cough",), {"spo2": 97.0}), declaration_id=id)
    assert taken.row.case_id == other.case.id
    today = on_day(runtime, 7)
    test = await send_release_test(runtime, other.resident, id, RAPID, today, NEGATIVE)
    assert test.case_id == other.case.id
    assert (await send_release_test(runtime, other.resident, id, RAPID, today, NEGATIVE)).id == test.id
    await verify_release_test(runtime, kept.staff, test.id)
    released = await release_case(runtime, kept.staff, kept.case.id)
    assert released.state == CaseState.COMPLETED
    assert await ReleaseTest.all().using_db(service_connection()).count() == 1


async def test_whose_case_was_merged_fetches_the_certificate(runtime: Runtime) -> None:
    kept, other = await merged(runtime)
    await record_release_test(runtime, kept.staff, kept.case.id, RAPID, on_day(runtime, 7), NEGATIVE)
    await release_case(runtime, kept.staff, kept.case.id)
    certificate = await Certificate.get(case_id=kept.case.id, using_db=service_connection())
    await sign_certificate(runtime, kept.head, certificate.id)
    for one in (kept, other):
        ((found, declaration),) = (await own_certificates(one.resident)).items
        assert (found.id, declaration) == (certificate.id, (await declaration_of(one)).id)
    mine = "{ myCertificates { nodes { url } } }"
    (told,) = (await Asking(runtime).data(await signed_in(other.resident), mine))["myCertificates"]["nodes"]
    status, _, pdf = await fetched(runtime, told["url"])
    assert (status, pdf[:4]) == (200, b"%PDF")


async def test_a_stranger_is_led_nowhere_by_a_merge(runtime: Runtime) -> None:
    kept, other = await merged(runtime)
    stranger = resident(runtime, "0977777777")
    for one in (kept, other):
        declaration = await declaration_of(one)
        with pytest.raises(NotFound):
            await send_release_test(runtime, stranger, declaration.id, RAPID, on_day(runtime, 7), NEGATIVE)
    assert (await own_certificates(stranger)).items == []
