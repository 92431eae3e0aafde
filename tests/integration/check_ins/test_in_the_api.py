"""Check-ins as residents and staff send and see them."""

from typing import Any

import orjson

from access.bounds import bounds_of
from graph.global_id import global_id
from models.audit import Audit
from models.case import Case
from models.case_grant import CaseGrant
from models.check_in import CheckIn
from models.database import service_connection, snapshot
from models.state import Role
from services.confirm import confirm
from services.declare import declare
from services.erase_person import erase_person
from services.load_check_ins import CheckInsWanted, check_ins_of_cases
from services.read_receipt import read_receipt
from services.runtime import Runtime
from tests.integration.check_ins.checking import at_home, later, reports
from tests.integration.graph.asking import Asking
from tests.integration.made import HEALTHY, account, area, household, person, wards
from tests.integration.residents.resident import ID_CARD, OTHER, resident
from tests.integration.statements import statements

CHECK_IN = """
mutation ($input: CheckInInput!) {
  checkIn(input: $input) {
    __typename
    ... on CheckedIn {
      checkIn { id severe danger reasons { code text value } symptoms vitals { spo2 pulse } enteredBy { name } }
      case { id state nextCheckInDue checksMissed }
      nextCheckInDue advice
    }
    ... on InvalidInput { fields { path code message } }
    ... on Conflict { reason message current { id } }
    ... on Problem { code }
  }
}
"""
TREND = """
query ($id: ID!, $first: Int, $after: String) {
  node(id: $id) { ... on Case {
    nextCheckInDue lastCheckInAt checksMissed
    checkIns(first: $first, after: $after) {
      nodes { at severe danger symptoms vitals { spo2 } enteredBy { name } }
      pageInfo { hasNextPage endCursor }
    }
  } }
}
"""


def given(case: Case, *symptoms: str, key: str = "once", **vitals: float) -> dict[str, Any]:
    """The input of a check-in."""
    return {
        "input": {
            "caseId": global_id("Case", case.id),
            "idempotencyKey": key,
            "symptoms": list(symptoms),
            "vitals": vitals,
        }
    }


async def test_a_resident_reports_and_is_told_what_to_do_and_by_when_to_report_again(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    found = (await Asking(runtime).data(own, CHECK_IN, given(case, "cough", spo2=93)))["checkIn"]
    assert found["__typename"] == "CheckedIn"
    one = found["checkIn"]
    assert (one["severe"], one["danger"], one["symptoms"]) == (True, "RED", ["cough"])
    assert [(why["code"], why["value"]) for why in one["reasons"]] == [("spo2_low", "93")]
    assert one["vitals"] == {"spo2": 93, "pulse": None}
    assert one["enteredBy"] is None
    assert found["nextCheckInDue"] == found["case"]["nextCheckInDue"] is not None
    assert "115" in found["advice"]


async def test_what_is_wrong_is_told_field_by_field(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    found = (await Asking(runtime).data(own, CHECK_IN, given(case, "sneezing", spo2=300)))["checkIn"]
    assert {one["path"] for one in found["fields"]} == {"symptoms.0", "vitals.spo2"}
    bare = {"input": {"idempotencyKey": "once", "symptoms": []}}
    found = (await Asking(runtime).data(own, CHECK_IN, bare))["checkIn"]
    assert [(one["path"], one["code"]) for one in found["fields"]] == [("declarationId", "ONE_OF")]


async def test_a_key_that_was_used_for_another_report_is_a_conflict_in_words(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    asking = Asking(runtime)
    first = await asking.data(own, CHECK_IN, given(case, "cough"))
    assert await asking.data(own, CHECK_IN, given(case, "cough")) == first
    found = (await asking.data(own, CHECK_IN, given(case, "fever")))["checkIn"]
    assert (found["reason"], found["current"]["id"]) == ("IDEMPOTENCY_KEY_REUSED", global_id("Case", case.id))


async def test_staff_see_the_trend_and_leave_a_trace(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime)
    for oxygen in (98, 97, 95):
        later(runtime, 12)
        await reports(runtime, own, case, "cough", spo2=oxygen)
    later(runtime, 1)
    await reports(runtime, nurse, case, "dyspnoea", spo2=94)
    asking, variables = Asking(runtime), {"id": global_id("Case", case.id), "first": 3}
    found = (await asking.data(nurse, TREND, variables))["node"]
    nodes = found["checkIns"]["nodes"]
    assert [one["vitals"]["spo2"] for one in nodes] == [94, 95, 97]
    assert nodes[0]["enteredBy"] == {"name": nurse.display_name}
    assert found["checksMissed"] == 0
    assert found["lastCheckInAt"] == nodes[0]["at"]
    rest = {**variables, "after": found["checkIns"]["pageInfo"]["endCursor"]}
    page = (await asking.data(nurse, TREND, rest))["node"]["checkIns"]
    assert [one["vitals"]["spo2"] for one in page["nodes"]] == [98]
    assert not page["pageInfo"]["hasNextPage"]
    looks = await Audit.filter(account_id=nurse.account_id, action="see_case").using_db(service_connection())
    looks += await Audit.filter(account_id=nurse.account_id, action="see_person").using_db(service_connection())
    assert str(case.id) in [name for line in looks for name in line.objects]


async def test_a_resident_sees_what_their_phone_has_reported_and_not_what_staff_have_heard(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime)
    await reports(runtime, own, case, "cough", spo2=98)
    await reports(runtime, nurse, case, "dyspnoea", spo2=90)
    found = (await Asking(runtime).data(own, TREND, {"id": global_id("Case", case.id)}))["node"]
    assert [one["vitals"]["spo2"] for one in found["checkIns"]["nodes"]] == [98]
    assert found["nextCheckInDue"] is not None


async def test_who_has_typed_the_person_s_number_sees_none_of_it(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    owner, curious = resident(runtime), resident(runtime, OTHER)
    receipt = await declare(runtime, owner, household(person(HEALTHY, national_id=ID_CARD), ward=ward))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    case = await Case.get(id=receipt.people[0].case_id, using_db=service_connection())
    await reports(runtime, owner, case, "cough")
    typed = household(person(HEALTHY, national_id=ID_CARD), ward=ward, phone=OTHER)
    assert (await declare(runtime, curious, typed)).people[0].case_id == case.id
    await confirm(runtime, nurse, case.id)
    found = (await Asking(runtime).data(curious, TREND, {"id": global_id("Case", case.id)}))["node"]
    assert found["checkIns"]["nodes"] == []
    assert (found["nextCheckInDue"], found["lastCheckInAt"]) == (None, None)


async def test_the_database_alone_shows_a_resident_their_own_check_ins(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime)
    other, _, _ = await at_home(runtime, phone=OTHER)
    mine = await reports(runtime, own, case, "cough")
    await reports(runtime, nurse, case, "cough")
    await reports(runtime, resident(runtime, OTHER), other, "cough")
    async with snapshot(bounds_of(own)) as connection:
        assert [row.id for row in await CheckIn.all().using_db(connection)] == [mine.row.id]
    await CaseGrant.all().using_db(service_connection()).update(ended_at=runtime.clock.now())
    async with snapshot(bounds_of(own)) as connection:
        assert await CheckIn.all().using_db(connection) == []


async def test_many_cases_trends_are_one_look(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime)
    other, _, _ = await at_home(runtime, phone=OTHER)
    await reports(runtime, own, case, "cough", spo2=98)
    await reports(runtime, resident(runtime, OTHER), other, "cough", spo2=97)
    sent: list[int] = []
    for wanted in ([CheckInsWanted(case.id)], [CheckInsWanted(case.id), CheckInsWanted(other.id, 1)]):
        async with snapshot(bounds_of(nurse)) as connection:
            with statements() as made:
                found = await check_ins_of_cases(nurse, connection, wanted)
        sent.append(len(made))
        assert [len(page.items) for page in found.values()] == [1] * len(wanted)
    assert sent[0] == sent[1]
    query = "{ cases { nodes { id checkIns(first: 2) { nodes { vitals { spo2 } } } } } }"
    nodes = (await Asking(runtime).data(nurse, query))["cases"]["nodes"]
    assert sorted(one["checkIns"]["nodes"][0]["vitals"]["spo2"] for one in nodes) == [97, 98]


async def test_the_receipt_says_until_when_the_next_one_has_to_come(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    own = resident(runtime)
    receipt = await declare(runtime, own, household(person(), person(), ward=ward))
    assert (await read_receipt(runtime, None, receipt.code)).next_check_in_due is None
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    for one in receipt.people:
        later(runtime, 1)
        await confirm(runtime, nurse, one.case_id)
    due = [(await Case.get(id=one.case_id, using_db=service_connection())).check_in_due for one in receipt.people]
    status = await read_receipt(runtime, None, receipt.code)
    assert status.next_check_in_due == due[0] is not None
    query = "query ($code: String!) { receipt(code: $code) { nextCheckInDue } }"
    assert (await Asking(runtime).data(own, query, {"code": receipt.code}))["receipt"]["nextCheckInDue"]


async def test_a_receipt_says_nothing_of_a_case_that_is_another_phone_s(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    owner, curious = resident(runtime), resident(runtime, OTHER)
    receipt = await declare(runtime, owner, household(person(HEALTHY, national_id=ID_CARD), ward=ward))
    await confirm(runtime, await account(runtime, Role.STATION_STAFF, ward), receipt.people[0].case_id)
    typed = household(person(HEALTHY, national_id=ID_CARD), ward=ward, phone=OTHER)
    joined = await declare(runtime, curious, typed)
    assert (await read_receipt(runtime, None, joined.code)).next_check_in_due is None


async def test_whoever_takes_their_data_along_takes_the_check_ins_too(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime)
    await reports(runtime, own, case, "cough", spo2=98)
    await reports(runtime, nurse, case, "dyspnoea")
    document = orjson.loads((await Asking(runtime).data(own, "{ exportMyData { json } }"))["exportMyData"]["json"])
    (declared,) = document["declarations"]
    (one,) = declared["check_ins"]
    assert (one["symptoms"], one["vitals"], one["severe"]) == (["cough"], {"spo2": 98}, False)


async def test_of_an_erased_person_s_check_ins_the_judgement_stays_and_the_words_go(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime)
    await reports(runtime, own, case, "cough", spo2=98)
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    await erase_person(runtime, department, case.id, "Người dân yêu cầu xóa")
    row = await CheckIn.get(case_id=case.id, using_db=service_connection())
    assert (row.report, row.body_hash, row.rank) == (b"", "", 3)
    (shown,) = (await Asking(runtime).data(nurse, TREND, {"id": global_id("Case", case.id)}))["node"]["checkIns"][
        "nodes"
    ]
    assert (shown["symptoms"], shown["vitals"], shown["severe"]) == (None, None, False)
