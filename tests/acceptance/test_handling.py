"""Each thing that a station does with a declaration, and what its resident and a colleague are told of it."""

import re

from tests.acceptance.asking import conflict, do, mutation, refused
from tests.acceptance.client import Api
from tests.acceptance.conftest import Place
from tests.acceptance.declaring import breathless, declare, household, person
from tests.acceptance.test_verification import resident

SHOWN = "declaration { state version allowedActions case { state } }"
MINE = """
{ myDeclarations { nodes { id state version allowedActions possibleDuplicate asked { fields note until }
  reported { fullName symptoms vitals { spo2 } } enteredBy { name } } } }
"""
RECEIPT = "query ($code: String!) { receipt(code: $code) { state states advice } }"
CASE = """
query ($id: ID!) { case(id: $id) { state version danger contacts { outcome }
  alerts { id kind danger state outcome } declarations { id state enteredBy { name } reported { symptoms } }
  timeline { nodes { kind why actorKind by { name } declaration { id } } } } }
"""
DECLARED_FOR = "code declarations { id state case { id state assessment { danger } } }"


def contact(phone: str) -> dict[str, str]:
    """Whoever declares, at this phone."""
    return {"phone": phone, "declaredBy": "Trần Văn Chủ"}


async def declared(api: Api, **given: object) -> tuple[str, str, str]:
    """The code of a receipt, its declaration and that one's case."""
    receipt = await declare(api, person(), **given)
    (one,) = receipt["declarations"]
    return receipt["code"], one["id"], one["case"]["id"]


async def test_what_is_accepted_is_a_case_to_confirm_and_its_resident_sees_so(api: Api, station: Api) -> None:
    code, declaration, case = await declared(api)
    done = (await do(station, "acceptDeclaration", SHOWN, id=declaration, version=1))["declaration"]
    assert done == {"state": "ACCEPTED", "version": 2, "allowedActions": [], "case": {"state": "SUSPECTED"}}
    assert (await api.data(RECEIPT, {"code": code}))["receipt"]["states"] == ["ACCEPTED"]
    # Twice the same is the same; something else is told in which state it is, and that nothing is left to do.
    assert (await do(station, "acceptDeclaration", SHOWN, id=declaration))["declaration"] == done
    for act, more in (
        ("rejectDeclaration", {"reason": "PRANK"}),
        ("requestInformation", {"fields": ["STREET"]}),
        ("completeDeclaration", {"person": person()}),
    ):
        wrong = await conflict(station, act, "WRONG_STATE", id=declaration, **more)
        assert (wrong["state"], wrong["allowed"]) == ("ACCEPTED", [])
        assert wrong["current"] == {
            "__typename": "Declaration",
            "id": declaration,
            "reportState": "ACCEPTED",
            "version": 2,
        }
    line = (await station.data(CASE, {"id": case}))["case"]["timeline"]["nodes"][0]
    assert (line["kind"], line["by"], line["declaration"]) == (
        "DECLARATION_ACCEPTED",
        {"name": "Station"},
        {"id": declaration},
    )


async def test_what_is_rejected_says_why_to_the_staff_and_calls_nobody_any_more(api: Api, station: Api) -> None:
    receipt = await declare(api, breathless())
    (one,) = receipt["declarations"]
    (alert,) = (await station.data(CASE, {"id": one["case"]["id"]}))["case"]["alerts"]
    wrong = await conflict(station, "resolveAlert", "WRONG_STATE", id=alert["id"], outcome="FALSE_ALARM")
    assert (wrong["state"], "ACKNOWLEDGE" in wrong["allowed"]) == ("RAISED", True)
    given = {"id": one["id"], "reason": "NOT_A_RESIDENT", "note": "Ở tỉnh khác"}
    done = (await do(station, "rejectDeclaration", SHOWN, **given))["declaration"]
    assert (done["state"], done["case"]) == ("REJECTED", {"state": "NOT_A_CASE"})
    case = (await station.data(CASE, {"id": one["case"]["id"]}))["case"]
    assert [(alert["state"], alert["outcome"]) for alert in case["alerts"]] == [("RESOLVED", "FALSE_ALARM")]
    whys = {line["kind"]: line["why"] for line in case["timeline"]["nodes"]}
    assert "NOT_A_RESIDENT" in str(whys["DECLARATION_REJECTED"])
    told = (await api.data(RECEIPT, {"code": receipt["code"]}))["receipt"]
    assert (told["state"], told["states"]) == ("REJECTED", ["REJECTED"])
    assert "Ở tỉnh khác" not in str(told)


async def test_a_resident_completes_the_same_declaration_once_it_is_asked_for_more(
    api: Api, place: Place, station: Api, tokens: dict[str, str]
) -> None:
    # Declared before the phone was proven: the receipt is all there is, and by it the resident comes back.
    code, declaration, case = await declared(api, contact=contact("0974000001"))
    asked = {"id": declaration, "fields": ["SYMPTOMS", "VITALS"], "note": "Đo SpO2 giúp ạ"}
    shown = (await do(station, "requestInformation", SHOWN, **asked))["declaration"]
    assert shown["state"] == "NEEDS_INFO"

    assert (await api.data(RECEIPT, {"code": code}))["receipt"]["state"] == "NEEDS_INFO"
    full = person(fullName="Lê Thị Đủ", symptoms=["dyspnoea"], vitals={"spo2": 92})
    proven = await resident(api, place, "+84974000001")
    # Until it is claimed it is nobody's; who holds another phone never learns of it.
    await refused(proven, "completeDeclaration", "NotFound", id=declaration, person=full)
    stranger = await resident(api, place, "+84974000002")
    await refused(stranger, "claimReceipt", "NotFound", code=code)
    await do(proven, "claimReceipt", code=code)
    (mine,) = (await proven.data(MINE))["myDeclarations"]["nodes"]
    assert (mine["asked"]["fields"], mine["asked"]["note"]) == (["SYMPTOMS", "VITALS"], "Đo SpO2 giúp ạ")
    assert mine["asked"]["until"]
    assert mine["allowedActions"] == ["COMPLETE", "WITHDRAW"]
    wrong = await refused(
        proven, "completeDeclaration", "InvalidInput", id=declaration, person={**full, "symptoms": ["x"]}
    )
    assert [fault["path"] for fault in wrong["fields"]] == ["person.symptoms.0"]
    await refused(stranger, "completeDeclaration", "NotFound", id=declaration, person=full)
    given = {"id": declaration, "person": full, "street": "14 Lê Lợi", "version": mine["version"]}
    done = (await do(proven, "completeDeclaration", "declaration { id state }", **given))["declaration"]
    assert done == {"id": declaration, "state": "SUBMITTED"}
    # It was worse than it seemed: that calls the station at once, and the reply is in its list.
    found = (await station.data(CASE, {"id": case}))["case"]
    assert [(alert["danger"], alert["state"]) for alert in found["alerts"]] == [("RED", "RAISED")]
    assert [one["id"] for one in found["declarations"]] == [declaration]
    assert {"INFORMATION_REQUESTED", "INFORMATION_GIVEN"} <= {line["kind"] for line in found["timeline"]["nodes"]}
    work = "{ worklist(kinds: [REPLY], first: 100) { nodes { case { id } } } }"
    assert case in [item["case"]["id"] for item in (await station.data(work))["worklist"]["nodes"]]
    wrong = await conflict(proven, "completeDeclaration", "WRONG_STATE", **{**given, "version": None})
    assert wrong["state"] == "SUBMITTED"
    assert wrong["current"]["id"] == declaration
    # A resident learns no names of staff, and not what was done to the case.
    assert (wrong["by"], wrong["changes"]) == (None, [])


async def test_a_resident_takes_back_what_the_own_phone_has_declared_until_the_station_decides(
    api: Api, place: Place, station: Api
) -> None:
    proven = await resident(api, place, "+84974000003")
    code, declaration, case = await declared(proven, contact=contact("0974000003"))
    other = await resident(api, place, "+84974000004")
    await refused(other, "withdrawDeclaration", "NotFound", id=declaration)
    await refused(station, "withdrawDeclaration", "NotFound", id=declaration)
    done = await do(proven, "withdrawDeclaration", "declaration { state allowedActions }", id=declaration)
    assert done["declaration"] == {"state": "WITHDRAWN", "allowedActions": []}
    assert (await station.data(CASE, {"id": case}))["case"]["state"] == "NOT_A_CASE"
    assert (await api.data(RECEIPT, {"code": code}))["receipt"]["state"] == "WITHDRAWN"
    _, decided, _ = await declared(proven, contact=contact("0974000003"))
    await do(station, "acceptDeclaration", id=decided)
    wrong = await conflict(proven, "withdrawDeclaration", "WRONG_STATE", id=decided)
    assert (wrong["state"], wrong["allowed"], wrong["by"]) == ("ACCEPTED", [], None)


async def test_a_duplicate_points_to_the_one_that_goes_on_and_takes_its_danger_along(
    api: Api, place: Place, station: Api
) -> None:
    twice = person(fullName="Phạm Thị Hai", nationalId="079190001234")
    worse = {**twice, "symptoms": ["dyspnoea"]}
    first = (await declare(api, twice))["declarations"][0]
    second = (await declare(api, worse, contact=contact("0974000009")))["declarations"][0]
    assert first["case"]["id"] != second["case"]["id"]
    other = (await declare(api, person()))["declarations"][0]
    wrong = await refused(station, "markDuplicate", "InvalidInput", id=second["id"], duplicateOf=second["id"])
    assert [fault["path"] for fault in wrong["fields"]] == ["duplicateOf"]
    given = {"id": second["id"], "duplicateOf": first["id"]}
    done = (await do(station, "markDuplicate", SHOWN, **given))["declaration"]
    assert done["state"] == "DUPLICATE"
    kept = (await station.data(CASE, {"id": first["case"]["id"]}))["case"]
    assert kept["danger"] == "RED"
    assert [alert["state"] for alert in kept["alerts"]] == ["RAISED"]
    gone = (await station.data(CASE, {"id": second["case"]["id"]}))["case"]
    assert gone["state"] in {"MERGED", "NOT_A_CASE"}
    wrong = await conflict(station, "markDuplicate", "WRONG_STATE", id=second["id"], duplicateOf=other["id"])
    assert (wrong["state"], wrong["allowed"]) == ("DUPLICATE", [])
    of_none = await conflict(station, "markDuplicate", "WRONG_STATE", id=other["id"], duplicateOf=second["id"])
    assert (of_none["state"], of_none["allowed"]) == ("DUPLICATE", [])


async def test_whoever_calls_the_station_has_a_declaration_with_the_nurse_s_name_and_claims_it_later(
    api: Api, place: Place, station: Api, tokens: dict[str, str]
) -> None:
    sent = household(breathless(fullName="Ngô Thị Gọi"), contact=contact("0974000005"))
    receipt = await do(station, "declareFor", DECLARED_FOR, **sent)
    (one,) = receipt["declarations"]
    assert one["case"]["assessment"]["danger"] == "RED"
    assert await do(station, "declareFor", DECLARED_FOR, **sent) == receipt
    shown = (await station.data(CASE, {"id": one["case"]["id"]}))["case"]["declarations"]
    assert shown[0]["enteredBy"] == {"name": "Station"}
    for who in ("committee", "administrator", "hospital"):
        reply = await api.acting(tokens[who]).ask(mutation("declareFor", "code"), {"input": household(person())})
        assert reply.code == "NOT_FOUND"
    proven = await resident(api, place, "+84974000005")
    assert (await proven.data(MINE))["myDeclarations"]["nodes"] == []
    await do(proven, "claimReceipt", code=receipt["code"])
    (mine,) = (await proven.data(MINE))["myDeclarations"]["nodes"]
    assert (mine["id"], mine["reported"]["fullName"], mine["enteredBy"]) == (one["id"], "Ngô Thị Gọi", None)


async def test_a_stale_version_is_told_what_the_other_has_changed(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    colleague = api.acting(tokens["colleague"])
    _, declaration, case = await declared(api)
    seen = (await station.data(CASE, {"id": case}))["case"]["version"]
    await do(colleague, "confirmCase", id=case, version=seen)
    await do(colleague, "recordContact", caseId=case, outcome="REACHED", note="Sốt nhẹ")
    stale = await conflict(station, "recordContact", "STALE_VERSION", caseId=case, outcome="NO_ANSWER", version=seen)
    now = (await station.data(CASE, {"id": case}))["case"]
    assert stale["current"]["caseState"] == now["state"] == "HOME_ISOLATION"
    assert stale["current"]["version"] == now["version"]
    changed = [line["kind"] for line in stale["changes"]]
    assert changed[:1] == ["CONFIRMED"]
    assert "CONTACTED" in changed
    assert {line["by"]["name"] for line in stale["changes"]} == {"Colleague"}
    # Nothing was overwritten, and with what stands now it goes through.
    assert [one["outcome"] for one in now["contacts"]] == ["REACHED"]
    again = {"caseId": case, "outcome": "NO_ANSWER", "version": now["version"]}
    await do(station, "recordContact", **again)
    stale = await conflict(station, "acceptDeclaration", "STALE_VERSION", id=declaration, version=1)
    assert stale["current"] == {"__typename": "Declaration", "id": declaration, "reportState": "ACCEPTED", "version": 2}


async def test_a_refusal_is_said_in_the_language_that_is_asked_for(api: Api, station: Api) -> None:
    _, declaration, _ = await declared(api)
    await do(station, "acceptDeclaration", id=declaration)
    text = """
    mutation ($id: ID!) { rejectDeclaration(input: {id: $id, reason: OTHER}) { ... on Problem { message } } }
    """
    said = {
        language: (await station.data(text, {"id": declaration}, accept_language=language))["rejectDeclaration"]
        for language in ("vi", "en")
    }
    assert said["vi"] != said["en"]
    assert not re.search(r"[A-Z]{3,}_", str(said))
