"""One person, two cases: found side by side, made one, and made two again with nothing lost."""

from itertools import count
from typing import Any

from tests.acceptance.asking import conflict, do, refused
from tests.acceptance.client import Api
from tests.acceptance.conftest import NEIGHBOUR, Place
from tests.acceptance.declaring import breathless, declare, person
from tests.acceptance.test_verification import resident

DUPLICATES = """
query ($id: ID!) { duplicates(caseId: $id) { lookedThrough case { person { name phone } }
  candidates { speaksFor speaksAgainst case { id person { name phone birthDate } } } } }
"""
CASE = """
query ($id: ID!) { case(id: $id) { id state danger version sex verified confirmedAt
  person { name phone nationalId street birthDate } mergedInto { id } allowedActions
  alerts { id kind state danger case { id } } declarations { id case { id } } contacts { outcome note }
  episodes { id state } previous { id } merges { undoneAt by { name } undoneBy { name } }
  timeline(first: 100) { nodes { kind why details { name value } } } } }
"""
MERGED = """
merge { kept { id version danger person { name phone nationalId street } } merged { id state mergedInto { id } } }
"""
_papers = count(79_190_002_000)


def paper() -> str:
    """The number of an identity paper that nobody else has."""
    return f"0{next(_papers)}"


def contact(phone: str) -> dict[str, str]:
    """Whoever declares, at this phone."""
    return {"phone": phone, "declaredBy": "Trần Văn Chủ"}


async def declared(api: Api, who: dict[str, Any], phone: str, **given: Any) -> tuple[str, str]:
    """A declaration and its case."""
    (one,) = (await declare(api, who, contact=contact(phone), **given))["declarations"]
    return one["id"], one["case"]["id"]


async def case_of(api: Api, id: str) -> Any:
    """The case as the station sees it."""
    return (await api.data(CASE, {"id": id}))["case"]


async def two(api: Api, number: str) -> tuple[str, str]:
    """Two cases of one person: by her own phone, and breathless by her daughter's."""
    _, hers = await declared(api, person(fullName="Đinh Thị Sen", nationalId=number), "0978000001")
    report = breathless(fullName="Dinh Thi Sen", nationalId=number)
    _, daughters = await declared(api, report, "0978000002", address={"areaCode": "26740", "street": "15 Hàm Nghi"})
    return hers, daughters


def lasting(case: Any) -> Any:
    """What of a case a merge that is taken back leaves as it was: all but its version and the story of it."""
    return {
        name: value for name, value in case.items() if name not in {"version", "merges", "timeline", "allowedActions"}
    }


async def test_likely_duplicates_stand_side_by_side_with_what_speaks_for_and_against(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    hers, daughters = await two(api, paper())
    found = (await station.data(DUPLICATES, {"id": hers}))["duplicates"]
    assert found["case"]["person"]["name"] == "Đinh Thị Sen"
    candidate = next(one for one in found["candidates"] if one["case"]["id"] == daughters)
    assert candidate["speaksFor"][0] == "SAME_NATIONAL_ID"
    assert {"SAME_NAME_AND_BIRTH", "SIMILAR_NAME"} <= set(candidate["speaksFor"])
    assert candidate["speaksAgainst"] == []
    assert candidate["case"]["person"]["phone"] == "+84978000002"
    for other in ("neighbour", "committee", "administrator"):
        assert (await api.acting(tokens[other]).ask(DUPLICATES, {"id": hers})).code == "NOT_FOUND"
    elsewhere = await declared(
        api, person(fullName="Đinh Thị Sen"), "0978000003", address={"areaCode": NEIGHBOUR, "street": "1 Lê Lợi"}
    )
    found = (await station.data(DUPLICATES, {"id": hers}))["duplicates"]
    assert elsewhere[1] not in [one["case"]["id"] for one in found["candidates"]]


async def test_a_merge_keeps_everything_of_both_and_takes_what_was_chosen(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    hers, daughters = await two(api, paper())
    before = await case_of(station, hers)
    given = {"keepCaseId": hers, "mergeCaseId": daughters, "take": ["STREET"], "keepVersion": before["version"]}
    await refused(api.acting(tokens["neighbour"]), "mergePersons", "NotFound", **given)
    await conflict(station, "mergePersons", "STALE_VERSION", **{**given, "keepVersion": 9})
    merge = (await do(station, "mergePersons", MERGED, **given))["merge"]
    kept = merge["kept"]
    assert (kept["person"]["name"], kept["person"]["street"]) == ("Đinh Thị Sen", "15 Hàm Nghi")
    assert kept["person"]["phone"] == "+84978000001"
    assert kept["danger"] == "RED"
    assert merge["merged"] == {"id": daughters, "state": "MERGED", "mergedInto": {"id": hers}}
    shown = await case_of(station, hers)
    assert {one["case"]["id"] for one in shown["declarations"]} == {hers, daughters}
    assert [one["case"]["id"] for one in shown["alerts"]] == [daughters]
    assert {"DECLARED", "MERGED"} <= {line["kind"] for line in shown["timeline"]["nodes"]}
    # It stands in the worklist once, and what rests in another is acted on no more.
    listed = await red_work(station)
    assert (listed.count(hers), listed.count(daughters)) == (1, 0)
    wrong = await conflict(station, "confirmCase", "WRONG_STATE", id=daughters)
    assert (wrong["state"], wrong["allowed"]) == ("MERGED", ["UNMERGE"])


async def red_work(station: Api) -> list[str]:
    """The cases of all pages of the red work: other tests leave some of it."""
    work = (
        "query ($after: String) { worklist(first: 100, after: $after, dangers: [RED])"
        " { nodes { case { id } } pageInfo { endCursor hasNextPage } } }"
    )
    found: list[str] = []
    after = None
    while True:
        page = (await station.data(work, {"after": after}))["worklist"]
        found += [one["case"]["id"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_unmerging_gives_both_back_and_what_came_since_goes_where_it_was_done(
    api: Api, place: Place, station: Api
) -> None:
    number = paper()
    daughter = await resident(api, place, "+84978000005")
    _, hers = await declared(api, person(fullName="Đinh Thị Lan", nationalId=number), "0978000004")
    report = breathless(fullName="Đinh Thị Lan")
    declaration, theirs = await declared(daughter, report, "0978000005")
    await do(station, "recordContact", caseId=theirs, outcome="NO_ANSWER", note="Lần một")
    before = {id: await case_of(station, id) for id in (hers, theirs)}
    await do(station, "mergePersons", keepCaseId=hers, mergeCaseId=theirs, take=["NAME", "PHONE"])
    # Later changes: the station's to the case that goes on, the daughter's to her own report.
    await do(station, "recordContact", caseId=hers, outcome="REACHED", note="Đã gặp mẹ")
    sent = {"idempotencyKey": "merged", "declarationId": declaration, "symptoms": ["cough"], "vitals": {"spo2": 97}}
    await do(daughter, "checkIn", **sent)
    undone = (await do(station, "unmergePersons", "merge { undoneBy { name } }", caseId=theirs))["merge"]
    assert undone["undoneBy"] == {"name": "Station"}
    after = {id: await case_of(station, id) for id in (hers, theirs)}
    assert lasting(after[theirs]) == lasting(before[theirs])
    changed = {name: value for name, value in lasting(after[hers]).items() if value != lasting(before[hers])[name]}
    assert changed == {"contacts": [{"outcome": "REACHED", "note": "Đã gặp mẹ"}]}
    checks = "query ($id: ID!) { case(id: $id) { checkIns { nodes { vitals { spo2 } } } } }"
    assert (await station.data(checks, {"id": hers}))["case"]["checkIns"]["nodes"] == []
    assert (await station.data(checks, {"id": theirs}))["case"]["checkIns"]["nodes"] == [{"vitals": {"spo2": 97}}]
    for id in (hers, theirs):
        assert {"MERGED", "UNMERGED"} <= {line["kind"] for line in after[id]["timeline"]["nodes"]}
    # The same again is the same answer; what rests in no other case cannot be taken out of one.
    assert (await do(station, "unmergePersons", "merge { undoneBy { name } }", caseId=theirs))["merge"] == undone
    assert (await conflict(station, "unmergePersons", "NOT_MERGED", caseId=hers))["current"]["id"] == hers


async def test_who_falls_ill_again_is_the_same_person_with_a_new_case(api: Api, place: Place, station: Api) -> None:
    proven, who = await resident(api, place, "+84978000006"), person(fullName="Tạ Thị Lại")
    _, first = await declared(proven, who, "0978000006")
    await do(station, "dismissCase", id=first, reason="NEGATIVE_TEST")
    _, second = await declared(proven, who, "0978000006")
    assert second != first
    shown = await case_of(station, second)
    assert shown["previous"] == {"id": first}
    assert [(one["id"], one["state"]) for one in shown["episodes"]] == [(second, "SUSPECTED"), (first, "NOT_A_CASE")]
    assert (await case_of(station, first))["previous"] is None


async def test_a_name_that_was_taken_down_wrongly_is_put_right_and_what_stood_there_is_kept(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    declaration, case = await declared(api, person(fullName="Hồ Thị Sai"), "0978000007")
    right = {"caseId": case, "reason": "Theo CCCD", "fullName": "Hồ Thị Đúng", "phone": "0978 000 008", "version": 1}
    await refused(api.acting(tokens["neighbour"]), "correctPerson", "NotFound", **right)
    for wrong, path in (({"reason": " "}, "reason"), ({"phone": "12"}, "phone"), ({"birthYear": 2030}, "birthYear")):
        answer = await refused(station, "correctPerson", "InvalidInput", **{**right, **wrong})
        assert path in [fault["path"] for fault in answer["fields"]]
    done = await do(station, "correctPerson", "case { version person { name phone } }", **right)
    assert done["case"] == {"version": 2, "person": {"name": "Hồ Thị Đúng", "phone": "+84978000008"}}
    stale = await conflict(station, "correctPerson", "STALE_VERSION", **{**right, "fullName": "Hồ Thị Khác"})
    assert [line["kind"] for line in stale["changes"]] == ["CORRECTED"]
    line = (await case_of(station, case))["timeline"]["nodes"][0]
    assert (line["kind"], line["why"]) == ("CORRECTED", "Theo CCCD")
    assert any("Hồ Thị Sai" in one["value"] for one in line["details"])
    said = "query ($id: ID!) { node(id: $id) { ... on Declaration { reported { fullName } } } }"
    # What was declared stays as it was declared.
    assert (await station.data(said, {"id": declaration}))["node"]["reported"]["fullName"] == "Hồ Thị Sai"
