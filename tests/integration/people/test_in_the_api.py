"""Duplicates side by side, merging and its undoing, episodes and corrections, as a station sees them in the API."""

from typing import Any

from access.actor import Actor
from models.audit import Audit
from models.case import Case
from models.database import service_connection
from models.state import Role
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.runtime import Runtime
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, HEALTHY, account, area, household, person, wards
from tests.integration.residents.resident import ID_CARD, OTHER, resident

DUPLICATES = """
query ($case: ID!) {
  duplicates(caseId: $case) {
    lookedThrough
    case { id person { name } }
    candidates { case { id person { name phone } } speaksFor speaksAgainst }
  }
}
"""
MERGE = """
mutation ($keep: ID!, $merge: ID!, $take: [IdentityField!]!) {
  mergePersons(input: {keepCaseId: $keep, mergeCaseId: $merge, take: $take}) {
    __typename
    ... on PersonsMerged {
      merge {
        by { name } undoneAt
        kept { id person { name nationalId } alerts { kind case { id } } declarations { id } merges { id } danger }
        merged { id state mergedInto { id } allowedActions }
      }
    }
    ... on Problem { code message }
    ... on Conflict { reason }
  }
}
"""
UNMERGE = """
mutation ($case: ID!) {
  unmergePersons(input: {caseId: $case}) {
    __typename
    ... on PersonsUnmerged {
      merge { undoneBy { name } kept { danger alerts { id } } merged { state mergedInto { id } } }
    }
    ... on Problem { code message }
    ... on Conflict { reason }
  }
}
"""
EPISODES = "query ($case: ID!) { case(id: $case) { id previous { id state closedAt } episodes { id state } } }"
CORRECT = """
mutation ($input: CorrectPersonInput!) {
  correctPerson(input: $input) {
    __typename
    ... on PersonCorrected { case { version person { name } timeline { nodes { kind why details { name value } } } } }
    ... on InvalidInput { fields { path code message } }
  }
}
"""
TIMELINE = "query ($case: ID!) { case(id: $case) { timeline { nodes { kind details { name value } } } } }"
CASES = "query { cases { nodes { id person { name } } } }"


async def station(runtime: Runtime) -> tuple[Asking, Actor]:
    (ward, *_) = await wards()
    return Asking(runtime), await account(runtime, Role.STATION_STAFF, ward)


async def two(runtime: Runtime, asking: Asking, staff: Actor) -> dict[str, str]:
    """Two reports of one person: by her own phone without a number, by her daughter's with one. Their ids by name."""
    (ward, *_) = await wards()
    mine = household(person(HEALTHY, name="Trần Thị Bích"), ward=ward)
    theirs = household(person(BREATHLESS, name="Tran Thi Bich", national_id=ID_CARD), ward=ward, phone=OTHER)
    await declare(runtime, resident(runtime), mine)
    await declare(runtime, resident(runtime, OTHER), theirs)
    return await ids(asking, staff)


async def ids(asking: Asking, staff: Actor) -> dict[str, str]:
    data = await asking.data(staff, CASES)
    return {one["person"]["name"]: one["id"] for one in data["cases"]["nodes"]}


async def test_a_station_sees_likely_duplicates_side_by_side_with_what_speaks_for_them(runtime: Runtime) -> None:
    asking, staff = await station(runtime)
    found = await two(runtime, asking, staff)
    (ward, *_) = await wards()
    await declare(
        runtime, resident(runtime, "0900000009"), household(person(name="Lê An"), ward=ward, phone="0900000009")
    )
    data = await asking.data(staff, DUPLICATES, {"case": found["Trần Thị Bích"]})
    answer: dict[str, Any] = data["duplicates"]
    assert answer["case"]["person"]["name"] == "Trần Thị Bích"
    assert answer["lookedThrough"] == 2
    [candidate] = answer["candidates"]
    assert candidate["case"]["id"] == found["Tran Thi Bich"]
    assert candidate["speaksFor"] == ["SAME_NAME_AND_BIRTH", "SIMILAR_NAME"]
    assert candidate["speaksAgainst"] == []
    # The look is on record, with how many were looked through, and nothing of whom.
    line = await Audit.get(action="see_duplicates", using_db=service_connection())
    assert line.detail["looked_through"] == 2


async def test_the_number_of_an_identity_paper_finds_a_case_of_another_ward_within_the_area(runtime: Runtime) -> None:
    here, far, *_ = await wards()
    first = household(person(name="Trần Thị Bích", national_id=ID_CARD), ward=far)
    second = household(person(name="Người Khác", national_id=ID_CARD), ward=here, phone=OTHER)
    await declare(runtime, resident(runtime), first)
    await declare(runtime, Actor("ANONYMOUS"), second)
    asking = Asking(runtime)
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    found = await ids(asking, department)
    data = await asking.data(department, DUPLICATES, {"case": found["Người Khác"]})
    [candidate] = data["duplicates"]["candidates"]
    assert candidate["case"]["id"] == found["Trần Thị Bích"]
    assert candidate["speaksFor"][0] == "SAME_NATIONAL_ID"
    assert candidate["speaksAgainst"] == ["OTHER_NAME"]
    staff = await account(runtime, Role.STATION_STAFF, here)
    data = await asking.data(staff, DUPLICATES, {"case": found["Người Khác"]})
    assert data["duplicates"]["candidates"] == []


async def test_merged_through_the_api_and_back(runtime: Runtime) -> None:
    asking, staff = await station(runtime)
    found = await two(runtime, asking, staff)
    keep, merge = found["Trần Thị Bích"], found["Tran Thi Bich"]
    data = await asking.data(staff, MERGE, {"keep": keep, "merge": merge, "take": ["NATIONAL_ID"]})
    done = data["mergePersons"]["merge"]
    assert done["by"]["name"] == staff.display_name
    assert done["kept"]["person"] == {"name": "Trần Thị Bích", "nationalId": ID_CARD}
    assert done["kept"]["danger"] == "RED"
    # The alert of the case that rests is shown with the one that goes on, and still says whose it is.
    assert [alert["case"]["id"] for alert in done["kept"]["alerts"]] == [merge]
    assert len(done["kept"]["declarations"]) == 2
    assert done["merged"]["state"] == "MERGED"
    assert done["merged"]["mergedInto"] == {"id": keep}
    assert "UNMERGE" in done["merged"]["allowedActions"]
    data = await asking.data(staff, UNMERGE, {"case": merge})
    undone = data["unmergePersons"]["merge"]
    assert undone["undoneBy"]["name"] == staff.display_name
    assert undone["kept"] == {"danger": None, "alerts": []}
    assert undone["merged"] == {"state": "SUSPECTED", "mergedInto": None}


async def test_why_two_are_not_merged_is_said_in_words(runtime: Runtime) -> None:
    asking, staff = await station(runtime)
    found = await two(runtime, asking, staff)
    keep, merge = found["Trần Thị Bích"], found["Tran Thi Bich"]
    other = await Case.filter(severe=True).using_db(service_connection()).get()
    await confirm(runtime, staff, other.id)
    data = await asking.data(staff, MERGE, {"keep": keep, "merge": merge, "take": []})
    refused = data["mergePersons"]
    assert (refused["__typename"], refused["reason"]) == ("Conflict", "KEEP_THE_OTHER")
    assert refused["message"] != refused["reason"]
    data = await asking.data(staff, UNMERGE, {"case": keep})
    assert data["unmergePersons"]["reason"] == "NOT_MERGED"


async def test_who_falls_ill_again_is_shown_with_the_case_before(runtime: Runtime) -> None:
    asking, staff = await station(runtime)
    (ward, *_) = await wards()
    who = person(name="Trần Thị Bích")
    first = await declare(runtime, resident(runtime), household(who, ward=ward))
    before = await ids(asking, staff)
    await dismiss(runtime, staff, first.people[0].case_id, DismissReason.NEGATIVE_TEST)
    await declare(runtime, resident(runtime), household(who, ward=ward))
    again = (await ids(asking, staff))["Trần Thị Bích"]
    shown = (await asking.data(staff, EPISODES, {"case": again}))["case"]
    if shown["previous"] is None:
        # The list gives the newest first or the oldest; either way one of the two comes before the other.
        again = next(one["id"] for one in shown["episodes"] if one["id"] != again)
        shown = (await asking.data(staff, EPISODES, {"case": again}))["case"]
    assert shown["previous"]["id"] == before["Trần Thị Bích"]
    assert shown["previous"]["state"] == "NOT_A_CASE"
    assert [one["state"] for one in shown["episodes"]] == ["SUSPECTED", "NOT_A_CASE"]


async def test_what_was_put_right_and_what_stood_there_is_in_the_timeline(runtime: Runtime) -> None:
    asking, staff = await station(runtime)
    found = await two(runtime, asking, staff)
    right = {"caseId": found["Tran Thi Bich"], "reason": "theo giấy tờ", "fullName": "Trần Thị Bích Ngọc", "version": 1}
    data = await asking.data(staff, CORRECT, {"input": right})
    case = data["correctPerson"]["case"]
    assert case["version"] == 2
    assert case["person"]["name"] == "Trần Thị Bích Ngọc"
    line = case["timeline"]["nodes"][0]
    assert (line["kind"], line["why"]) == ("CORRECTED", "theo giấy tờ")
    assert any("Tran Thi Bich" in one["value"] for one in line["details"])
    wrong = {"caseId": found["Tran Thi Bich"], "reason": "theo giấy tờ", "phone": "12"}
    data = await asking.data(staff, CORRECT, {"input": wrong})
    assert [(one["path"], one["code"]) for one in data["correctPerson"]["fields"]] == [("phone", "BAD_PHONE")]


async def test_the_line_of_a_merge_names_no_case_that_may_lie_elsewhere(runtime: Runtime) -> None:
    asking, staff = await station(runtime)
    found = await two(runtime, asking, staff)
    await asking.data(staff, MERGE, {"keep": found["Trần Thị Bích"], "merge": found["Tran Thi Bich"], "take": ["SEX"]})
    asked = {"case": found["Trần Thị Bích"]}
    lines = (await asking.data(staff, TIMELINE, asked))["case"]["timeline"]["nodes"]
    told = [line["details"] for line in lines if line["kind"] == "MERGED"]
    assert told == [[{"name": "taken", "value": '["SEX"]'}]] * 2
