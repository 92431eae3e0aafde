"""What a resident takes along of what was done for somebody: all of it, and nobody's name."""

from typing import Any
from uuid import UUID

import orjson

from access.actor import Actor
from models.certificate import Certificate
from models.database import service_connection
from models.state import ContactOutcome, Role
from services.change_referral import ACCEPT, ADMIT, DISCHARGE, change_referral
from services.check_in import check_in
from services.check_in_report import CheckInReport
from services.confirm import confirm
from services.declare import declare
from services.dispense_pack import PackOrder, dispense_pack
from services.hand_over import hand_over_case
from services.merge_persons import merge_persons
from services.record_contact import AdviceGiven, record_contact
from services.record_release_test import record_release_test
from services.refer_case import refer_case
from services.release_case import release_case
from services.runtime import Runtime
from services.send_release_test import send_release_test
from services.sign_certificates import sign_certificate
from tests.integration.care.conftest import Hospitals
from tests.integration.care.patient import stocked
from tests.integration.ending_isolation.ill import NEGATIVE, POSITIVE, Ill, ill, on_day
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, account, household, person, wards
from tests.integration.residents.resident import ID_CARD, OTHER, PHONE, resident

RAPID = "rapid_antigen"


async def document(runtime: Runtime, actor: Actor) -> Any:
    """The document as a program reads it."""
    data = await Asking(runtime).data(actor, "{ exportMyData { json } }")
    return orjson.loads(data["exportMyData"]["json"])


async def lived(runtime: Runtime, hospitals: Hospitals) -> Ill:
    """Somebody with a line of everything that a station does."""
    on_day(runtime, 1)
    found = await ill(runtime)
    id, staff = found.case.id, found.staff
    await record_contact(
        runtime, staff, id, ContactOutcome.REACHED, [AdviceGiven.ISOLATE], "Sống một mình, cần người mua đồ ăn"
    )
    await stocked(runtime, staff, "a")
    await dispense_pack(runtime, staff, id, PackOrder("a", words="Uống sau ăn"))
    await check_in(runtime, staff, CheckInReport("by-phone", ("cough",), {"spo2": 97.0}), case_id=id)
    _, elsewhere = await wards()
    await hand_over_case(runtime, staff, id, elsewhere.id, "Về nhà mẹ")
    _, referral = await refer_case(runtime, staff, id, str(hospitals.first.station_id), "Cần theo dõi")
    for step in (ACCEPT, ADMIT, DISCHARGE):
        await change_referral(runtime, hospitals.first, referral.id, step, "Ổn định" if step is DISCHARGE else None)
    today = on_day(runtime, 7)
    sent = UUID((await document(runtime, found.resident))["declarations"][0]["id"])
    await send_release_test(runtime, found.resident, sent, RAPID, today, POSITIVE)
    await record_release_test(runtime, staff, id, RAPID, today, NEGATIVE)
    await record_release_test(runtime, staff, id, RAPID, on_day(runtime, 10), NEGATIVE)
    await release_case(runtime, staff, id)
    certificate = await Certificate.get(case_id=id, using_db=service_connection())
    await sign_certificate(runtime, found.head, certificate.id)
    return found


async def test_everything_that_was_done_is_there_by_role_and_place(runtime: Runtime, hospitals: Hospitals) -> None:
    found = await lived(runtime, hospitals)
    told = await document(runtime, found.resident)
    (care,) = told["care"]
    nurse = {"role": "STATION_STAFF", "station": care["certificates"][0]["station"]}
    assert care["case_id"] == str(found.case.id)
    (contact,) = care["contacts"]
    assert (contact["outcome"], contact["advice"], contact["by"]) == ("REACHED", ["ISOLATE"], nurse)
    assert contact["note"] == "Sống một mình, cần người mua đồ ăn"
    (pack,) = care["packs"]
    assert (pack["pack"], pack["note"], pack["by"]) == ("a", "Uống sau ăn", nurse)
    (entered,) = care["check_ins_entered_by_staff"]
    assert entered["report"] == {"symptoms": ["cough"], "vitals": {"spo2": 97.0}}
    (hand_over,) = care["hand_overs"]
    assert (hand_over["kind"], hand_over["reason"]) == ("HAND_OVER", "Về nhà mẹ")
    (referral,) = care["referrals"]
    assert (referral["hospital"], referral["state"]) == ("Bệnh viện bv-1", "DISCHARGED")
    assert (referral["reason"], referral["answer"]) == ("Cần theo dõi", "Ổn định")
    assert referral["answered_by"] == {"role": "HOSPITAL", "station": "Bệnh viện bv-1"}
    tests = [(one["result"], one["sent_by"], one["verified_by"]) for one in care["release_tests"]]
    assert tests == [("POSITIVE", None, None), ("NEGATIVE", nurse, nurse), ("NEGATIVE", nurse, nurse)]
    (certificate,) = care["certificates"]
    assert certificate["state"] == "SIGNED"
    assert certificate["signed_by"]["role"] == "STATION_HEAD"
    assert certificate["content"]["released_on"] == "2022-03-27"
    assert {"CONFIRMED", "CONTACTED", "PACK_DISPENSED", "REFERRED", "RELEASED"} <= {
        line["kind"] for line in care["timeline"]
    }


async def test_no_name_and_no_account_of_the_staff_is_in_the_document(runtime: Runtime, hospitals: Hospitals) -> None:
    found = await lived(runtime, hospitals)
    told = orjson.dumps(await document(runtime, found.resident)).decode()
    for actor in (found.staff, found.head, hospitals.first):
        assert actor.display_name not in told
        assert str(actor.account_id) not in told


async def test_of_a_case_that_another_phone_has_opened_nothing_is_told(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff = await account(runtime, Role.STATION_STAFF, ward)
    for phone, name in ((PHONE, "Nguyễn Văn An"), (OTHER, "Trần Đức Bình")):
        one = person(BREATHLESS, name=name, national_id=ID_CARD)
        receipt = await declare(runtime, resident(runtime, phone), household(one, ward=ward, phone=phone))
    await confirm(runtime, staff, receipt.people[0].case_id)
    await record_contact(runtime, staff, receipt.people[0].case_id, ContactOutcome.REACHED, words="Nhờ chị giúp")
    assert (await document(runtime, resident(runtime, OTHER)))["care"] == []
    (care,) = (await document(runtime, resident(runtime)))["care"]
    assert len(care["contacts"]) == len(care["alerts"]) == 1


async def test_of_a_case_that_rests_in_another_its_own_lines_are_told_and_the_certificate(runtime: Runtime) -> None:
    on_day(runtime, 1)
    kept, other = await ill(runtime), await ill(runtime, phone=OTHER)
    await record_contact(runtime, kept.staff, kept.case.id, ContactOutcome.REACHED, words="Của số kia")
    await record_contact(runtime, kept.staff, other.case.id, ContactOutcome.REACHED, words="Của số này")
    await merge_persons(runtime, kept.staff, (kept.case.id, None), (other.case.id, None))
    await record_release_test(runtime, kept.staff, kept.case.id, RAPID, on_day(runtime, 7), NEGATIVE)
    await release_case(runtime, kept.staff, kept.case.id)
    (care,) = (await document(runtime, other.resident))["care"]
    assert [one["note"] for one in care["contacts"]] == ["Của số này"]
    assert [one["state"] for one in care["certificates"]] == ["AWAITING_SIGNATURE"]
