"""Claiming what was declared before the code had come, and taking along everything that is held of it."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from access.actor import ANONYMOUS, Actor
from graph.global_id import global_id
from models.audit import Audit
from models.case_grant import CaseGrant
from models.database import service_connection
from models.state import Role
from services.claim_receipt import claim_receipt
from services.confirm import confirm
from services.declare import declare
from services.problem import NotFound
from services.receipt_code import new_receipt_code
from services.runtime import Runtime
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, account, area, household, person, wards
from tests.integration.residents.resident import CLAIM, OTHER, PHONE, mine, resident

EXPORT = """
{
  exportMyData {
    exportedAt json
    declarations {
      receiptCode contact { phone email declaredBy street }
      declaration { id state reported { fullName symptoms } assessment { reasons { text } } case { state confirmedAt } }
    }
    sessions { createdAt }
    looks { at action role }
  }
}
"""


async def unproven(runtime: Runtime, *names: str) -> str:
    """The code of a receipt for what was declared before the phone was proven."""
    (ward, *_) = await wards()
    people = [person(BREATHLESS, name=name) for name in names or ("Nguyễn Văn An",)]
    return (await declare(runtime, ANONYMOUS, household(*people, ward=ward, phone=PHONE))).code


async def audited() -> list[tuple[str, str]]:
    """Who did what, without the declarations."""
    lines = await Audit.exclude(action="declare").order_by("at", "id").using_db(service_connection())
    return [(line.actor, line.action) for line in lines]


async def test_the_phone_of_the_contact_claims_by_the_code_and_sees_every_person(runtime: Runtime) -> None:
    code = await unproven(runtime, "Nguyễn Văn An", "Lê Thị Ba")
    data = await Asking(runtime).data(resident(runtime), CLAIM, {"code": code.lower().replace("-", " ")})
    claimed = data["claimReceipt"]["declarations"]
    assert [one["reported"]["fullName"] for one in claimed] == ["Nguyễn Văn An", "Lê Thị Ba"]
    assert len(await mine(runtime, resident(runtime))) == 2
    assert ("RESIDENT", "claim_receipt") in await audited()


async def test_claiming_again_is_the_same_answer_and_no_second_grant(runtime: Runtime) -> None:
    code = await unproven(runtime)
    first = await claim_receipt(runtime, resident(runtime), code)
    assert await claim_receipt(runtime, resident(runtime), code) == first
    assert await CaseGrant.all().using_db(service_connection()).count() == 1


async def test_another_s_code_is_refused_like_an_unknown_one_and_both_leave_a_line(runtime: Runtime) -> None:
    code = await unproven(runtime)
    answers = []
    for wrong in (code, new_receipt_code(), "no code at all"):
        payload = await Asking(runtime).data(resident(runtime, OTHER), CLAIM, {"code": wrong})
        answers.append(payload["claimReceipt"])
    assert answers == [answers[0]] * 3
    assert answers[0]["__typename"] == "NotFound"
    assert await audited() == [("RESIDENT", "claim_receipt_refused")] * 3
    assert await mine(runtime, resident(runtime, OTHER)) == []


@pytest.mark.parametrize("role", [None, *Role])
async def test_nobody_else_claims(runtime: Runtime, role: Role | None) -> None:
    actor: Actor = await account(runtime, role, await area("vn-79-2022-79")) if role else ANONYMOUS
    with pytest.raises(NotFound):
        await claim_receipt(runtime, actor, await unproven(runtime))


async def test_a_grant_that_has_ended_is_not_claimed_back(runtime: Runtime) -> None:
    code = await unproven(runtime)
    await claim_receipt(runtime, resident(runtime), code)
    await CaseGrant.all().using_db(service_connection()).update(ended_at=runtime.clock.now())
    await claim_receipt(runtime, resident(runtime), code)
    assert await mine(runtime, resident(runtime)) == []


async def exported(runtime: Runtime, phone: str = PHONE) -> Any:
    return (await Asking(runtime).data(resident(runtime, phone), EXPORT))["exportMyData"]


async def test_the_export_has_the_report_as_sent_the_reasons_in_words_and_who_looked(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declare(runtime, resident(runtime, OTHER), household(person(name="Trần Đức Bình"), ward=ward, phone=OTHER))
    receipt = await declare(runtime, resident(runtime), household(person(BREATHLESS, name="Lê Thị Ba"), ward=ward))
    case_id = receipt.people[0].case_id
    runtime.clock.follow(runtime.clock.now() + timedelta(minutes=1), timedelta())
    await Asking(runtime).data(
        nurse, "query ($id: ID!) { case(id: $id) { person { name } } }", {"id": global_id("Case", case_id)}
    )
    runtime.clock.follow(runtime.clock.now() + timedelta(minutes=1), timedelta())
    await confirm(runtime, nurse, case_id)
    data = await exported(runtime)
    (one,) = data["declarations"]
    assert one["receiptCode"] == receipt.code
    assert one["contact"] == {"phone": "+84912345678", "email": None, "declaredBy": None, "street": "12 Lê Lợi"}
    assert one["declaration"]["reported"] == {"fullName": "Lê Thị Ba", "symptoms": ["dyspnoea", "cough"]}
    assert one["declaration"]["case"]["state"] == "CONFIRMED"
    assert [(look["action"], look["role"]) for look in data["looks"]] == [
        ("see_case", "STATION_STAFF"),
        ("confirm_case", "STATION_STAFF"),
    ]
    document = orjson.loads(data["json"])
    (told,) = document["declarations"]
    assert told["report"]["full_name"] == "Lê Thị Ba"
    assert {"vi", "en"} <= set(told["assessments"][0]["reasons"][0])
    assert told["case"]["confirmed_at"] is not None
    # The role is told, and nothing by which a nurse could be called to account at the garden gate.
    assert nurse.display_name not in data["json"]
    assert str(nurse.account_id) not in data["json"]
    assert "Bình" not in data["json"]
    assert ("RESIDENT", "export_own") in await audited()


async def test_what_another_phone_did_with_the_same_case_is_not_in_the_export(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    for phone, name in ((PHONE, "Nguyễn Văn An"), (OTHER, "Trần Đức Bình")):
        one = person(BREATHLESS, name=name, national_id="079090012345")
        await declare(runtime, resident(runtime, phone), household(one, ward=ward, phone=phone))
    await exported(runtime, OTHER)
    data = await exported(runtime)
    assert data["looks"] == []
    assert "Bình" not in data["json"]
    assert OTHER[1:] not in data["json"]


async def test_a_phone_that_has_declared_nothing_gets_an_empty_document(runtime: Runtime) -> None:
    data = await exported(runtime)
    assert (data["declarations"], data["looks"]) == ([], [])
    assert orjson.loads(data["json"])["declarations"] == []


@pytest.mark.parametrize("role", [None, *Role])
async def test_nobody_but_a_resident_exports(runtime: Runtime, role: Role | None) -> None:
    actor: Actor = await account(runtime, role, await area("vn-79-2022-79")) if role else ANONYMOUS
    payload = await Asking(runtime).payload(actor, EXPORT)
    assert payload["errors"][0]["extensions"]["code"] == ("NOT_FOUND" if role else "UNAUTHENTICATED")
