"""The worklist of a station: what to do next and why, live, many at once, and without two calling the same person."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from models.embedded import EmbeddedPostgres
from services.fall_due import fall_due
from services.miss_check_ins import miss_check_ins
from tests.acceptance.asking import ask, conflict, do, refused
from tests.acceptance.client import Api
from tests.acceptance.conftest import MOMENT, NEIGHBOUR, WARD
from tests.acceptance.declaring import declare, person
from tests.acceptance.story import Story, telling

WORKLIST = """
query ($kinds: [WorkKind!], $mine: Boolean! = false, $dangers: [Danger!], $first: Int = 100, $after: String) {
  worklist(kinds: $kinds, mine: $mine, dangers: $dangers, first: $first, after: $after) {
    nodes { kind kinds why toDo since dueAt overdue protocol reasons { code }
      case { id version danger claimedBy { name } claimedUntil } alert { id kind } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
WATCH = "subscription { worklistChanged { area { code } items kinds { kind items } } }"
STATION = "{ stations(kinds: [WARD_STATION]) { nodes { id } } }"
HOSPITALS = "{ hospitals { nodes { id name } } }"
AREA = "query ($code: String!) { area(code: $code) { id } }"
ALERTS = "query ($id: ID!) { case(id: $id) { alerts { id state } declarations { id } } }"
ORDER = [
    *("RED_ALERT", "AMBER_ALERT", "HIGH_RISK_ALERT", "MISSED_CHECK_IN", "REFERRAL_REFUSED", "TRANSFER_TO_ACCEPT"),
    *("REPLY", "DECLARATION_TO_CONFIRM", "CASE_TO_CONFIRM", "TAKEN_ALERT", "TO_CONTACT", "UNREACHED"),
    *("REFERRAL_WAITING", "TEST_TO_VERIFY", "RELEASE_DUE", "CERTIFICATE_TO_SIGN", "FOLLOW_UP", "AWAITING_REPLY"),
    *("IN_HOSPITAL", "LOST"),
]
OLD = {"birthDate": "1950-02-01", "conditions": ["diabetes"]}


@pytest.fixture(scope="module")
async def story(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """An installation whose worklist is these tests' own. They come in the order of its days."""
    async with telling(postgres, tmp_path_factory, "worklist") as one:
        yield one


async def items(api: Api, language: str = "vi", **wanted: Any) -> list[Any]:
    """The worklist of somebody."""
    return list((await api.data(WORKLIST, wanted, accept_language=language))["worklist"]["nodes"])


async def item_of(api: Api, case: str) -> Any:
    """The case's item."""
    return next(one for one in await items(api) if one["case"]["id"] == case)


async def declared(story: Story, **given: Any) -> tuple[str, str]:
    """A declaration and its case."""
    (one,) = (await declare(story.api, person(**given)))["declarations"]
    return one["id"], one["case"]["id"]


async def confirmed(story: Story, nurse: Api, **given: Any) -> str:
    """A case that is confirmed, and whose report so is accepted."""
    _, case = await declared(story, **given)
    await do(nurse, "confirmCase", id=case)
    return case


async def test_the_most_dangerous_comes_first_and_says_why_and_what_to_do_and_by_when(story: Story) -> None:
    nurse = await story.acting("station")
    _, hardly = await declared(story)
    _, risky = await declared(story, **OLD)
    _, tired = await declared(story, symptoms=["fatigue"])
    _, breathless = await declared(story, symptoms=["cough"], vitals={"spo2": 93})
    found = await items(nurse, "en")
    assert [one["case"]["id"] for one in found] == [breathless, tired, risky, hardly]
    assert [one["kind"] for one in found] == ["RED_ALERT", "AMBER_ALERT", "HIGH_RISK_ALERT", "DECLARATION_TO_CONFIRM"]
    first = found[0]
    assert "93" in first["why"]
    assert "96" in first["why"]
    assert first["why"].endswith("covid19-hcmc-2022-03-17")
    assert first["reasons"] == [{"code": "spo2_low"}]
    assert first["dueAt"] > first["since"]
    assert not first["overdue"]
    assert set(first["kinds"]) == {"RED_ALERT", "DECLARATION_TO_CONFIRM"}
    said = {one["kind"]: (one["why"], one["toDo"]) for one in await items(nurse, "vi")}
    assert all(why and to_do for why, to_do in said.values())
    assert said["RED_ALERT"][1] != first["toDo"]
    # Filters: a property of any of its kinds, the danger of the case, page by page.
    assert [one["case"]["id"] for one in await items(nurse, kinds=["HIGH_RISK_ALERT"])] == [risky]
    assert len(await items(nurse, kinds=["DECLARATION_TO_CONFIRM"])) == 4
    assert [one["case"]["id"] for one in await items(nurse, dangers=["RED"])] == [breathless]
    assert await items(nurse, mine=True) == []
    page = (await nurse.data(WORKLIST, {"first": 3}))["worklist"]
    rest = await items(nurse, after=page["pageInfo"]["endCursor"])
    assert [one["case"]["id"] for one in [*page["nodes"], *rest]] == [breathless, tired, risky, hardly]
    # The neighbours have nothing to do, and nobody without a case of their own may look.
    assert await items(await story.acting("neighbour")) == []
    for other in ("committee", "administrator"):
        assert (await (await story.acting(other)).ask(WORKLIST)).code == "NOT_FOUND"


async def test_whoever_watches_hears_that_there_is_more_to_do(story: Story) -> None:
    nurse, neighbour = await story.acting("station"), await story.acting("neighbour")
    async with nurse.socket() as socket, neighbour.socket() as other:
        await socket.subscribe("1", WATCH)
        await other.subscribe("1", WATCH)
        before = (await socket.next("1"))["worklistChanged"]
        assert (await other.next("1"))["worklistChanged"] == {"area": {"code": NEIGHBOUR}, "items": 0, "kinds": []}
        declaration, _ = await declared(story, symptoms=["dyspnoea"])
        after = (await socket.next("1"))["worklistChanged"]
        assert (after["area"]["code"], after["items"]) == (WARD, before["items"] + 1)
        counts = {one["kind"]: one["items"] for one in after["kinds"]}
        assert counts["RED_ALERT"] == {one["kind"]: one["items"] for one in before["kinds"]}["RED_ALERT"] + 1
        await do(nurse, "rejectDeclaration", id=declaration, reason="PRANK")
        assert (await socket.next("1"))["worklistChanged"]["items"] == before["items"]
    assert (await (await story.acting("committee")).ask("{ worklist { nodes { kind } } }")).code == "NOT_FOUND"


async def test_many_are_settled_in_one_call_and_each_has_its_own_answer(story: Story) -> None:
    nurse, colleague = await story.acting("station"), await story.acting("colleague")
    one, two, far = await declared(story), await declared(story), await declared(story)
    receipt = await declare(story.api, person(), address={"areaCode": NEIGHBOUR, "street": "1 Lê Lợi"})
    elsewhere = (receipt["declarations"][0]["id"], receipt["declarations"][0]["case"]["id"])
    await do(colleague, "rejectDeclaration", id=two[0], reason="PRANK")
    chosen = [{"id": id} for id, _ in (one, two, elsewhere)] + [{"id": far[0], "version": 9}]
    answer = await do(nurse, "acceptDeclarations", "declaration { id state }", declarations=chosen)
    kinds = ["DeclarationChanged", "Conflict", "NotFound", "Conflict"]
    results = answer["results"]
    assert [result["__typename"] for result in results] == kinds
    assert results[0]["declaration"] == {"id": one[0], "state": "ACCEPTED"}
    assert (results[1]["reason"], results[1]["state"], results[1]["allowed"]) == ("WRONG_STATE", "REJECTED", [])
    assert results[3]["reason"] == "STALE_VERSION"
    assert all(result["message"] for result in results[1:])

    chosen = [{"id": case} for _, case in (one, two, elsewhere)] + [{"id": far[1], "version": 9}]
    results = (await do(nurse, "confirmCases", "case { state }", cases=chosen))["results"]
    assert [result["__typename"] for result in results] == ["CaseConfirmed", "Conflict", "NotFound", "Conflict"]
    assert results[0]["case"] == {"state": "CONFIRMED"}
    assert results[1]["state"] == "NOT_A_CASE"
    assert (await do(nurse, "confirmCases", cases=[{"id": far[1]}]))["results"][0]["__typename"] == "CaseConfirmed"

    _, mine = await declared(story, symptoms=["dyspnoea"])
    _, theirs = await declared(story, symptoms=["dyspnoea"])
    ids = [(await nurse.data(ALERTS, {"id": case}))["case"]["alerts"][0]["id"] for case in (mine, theirs)]
    await do(colleague, "acknowledgeAlert", id=ids[1])
    results = (await do(nurse, "acknowledgeAlerts", "alert { id }", alerts=[*ids, "bm90aGluZw=="]))["results"]
    assert [result["__typename"] for result in results] == ["AlertAcknowledged", "Conflict", "NotFound"]
    assert (results[1]["reason"], results[1]["by"]) == ("ALREADY_ACKNOWLEDGED", {"name": "Colleague"})

    for name, given in {
        "acceptDeclarations": {"declarations": [{"id": one[0]}] * 301},
        "confirmCases": {"cases": [{"id": one[1]}] * 301},
        "acknowledgeAlerts": {"alerts": [ids[0]] * 301},
    }.items():
        wrong = await refused(nurse, name, "InvalidInput", **given)
        (fault,) = wrong["fields"]
        assert fault["path"] == next(iter(given))
        assert "300" in fault["message"]
        none = await refused(nurse, name, "InvalidInput", **{next(iter(given)): []})
        assert none["fields"][0]["path"] == next(iter(given))


async def test_each_kind_of_work_is_in_the_list_and_says_why(story: Story) -> None:
    nurse, doctor = await story.acting("station"), await story.acting("hospital")
    clinics = {one["name"]: one["id"] for one in (await nurse.data(HOSPITALS))["hospitals"]["nodes"]}
    hospital = next(id for name, id in clinics.items() if name.endswith("Quận 5"))
    found: dict[str, str] = {}

    asked, found["AWAITING_REPLY"] = await declared(story)
    await do(nurse, "requestInformation", id=asked, fields=["VITALS"])
    asked, found["REPLY"] = await declared(story)
    await do(nurse, "requestInformation", id=asked, fields=["VITALS"])
    await do(nurse, "completeDeclaration", id=asked, person=person(vitals={"spo2": 98}))
    accepted, found["CASE_TO_CONFIRM"] = await declared(story)
    await do(nurse, "acceptDeclaration", id=accepted)
    found["TAKEN_ALERT"] = await confirmed(story, nurse, symptoms=["dyspnoea"])
    (alert,) = (await nurse.data(ALERTS, {"id": found["TAKEN_ALERT"]}))["case"]["alerts"]
    await do(nurse, "acknowledgeAlert", id=alert["id"])
    found["TO_CONTACT"] = await confirmed(story, nurse)
    for kind, tries in (("UNREACHED", 1), ("LOST", 3)):
        found[kind] = await confirmed(story, nurse)
        for number in range(tries):
            await do(nurse, "recordContact", caseId=found[kind], outcome="NO_ANSWER", note=f"Lần {number}")
    await do(nurse, "markLost", caseId=found["LOST"])
    found["FOLLOW_UP"] = await confirmed(story, nurse)
    await do(nurse, "recordContact", caseId=found["FOLLOW_UP"], outcome="REACHED")
    for kind in ("REFERRAL_WAITING", "REFERRAL_REFUSED", "IN_HOSPITAL"):
        found[kind] = await confirmed(story, nurse)
        given = {"caseId": found[kind], "hospitalId": hospital, "reason": "Khó thở"}
        referral = (await do(nurse, "referCase", "referral { id }", **given))["referral"]["id"]
        if kind == "REFERRAL_REFUSED":
            await do(doctor, "refuseReferral", id=referral, reason="Hết giường")
        elif kind == "IN_HOSPITAL":
            await do(doctor, "admitCase", id=referral)
    # To the neighbours' list, where it waits for an answer.
    handed = await confirmed(story, nurse)
    area = (await nurse.data(AREA, {"code": NEIGHBOUR}))["area"]["id"]
    await do(nurse, "handOverCase", caseId=handed, areaId=area, reason="Chuyển nhà")
    (item,) = await items(await story.acting("neighbour"), kinds=["TRANSFER_TO_ACCEPT"])
    assert (item["case"]["id"], bool(item["why"]), bool(item["toDo"])) == (handed, True, True)

    for language in ("vi", "en"):
        listed = {one["case"]["id"]: one for one in await items(nurse, language)}
        for kind, case in found.items():
            assert listed[case]["kind"] == kind, (kind, listed[case])
            assert listed[case]["why"].strip(), kind
            assert listed[case]["toDo"].strip(), kind
    await _days_later(story, found)


async def _days_later(story: Story, before: dict[str, str]) -> None:
    """On the day of release, when those who were silent have long been missed."""
    resident = await story.resident("+84975000001")
    contact = {"phone": "0975000001", "declaredBy": "Trần Văn Chủ"}
    people = [
        person(fullName=name, test={"kind": "pcr", "takenOn": "2022-03-17"}) for name in ("Lý Một", "Lý Hai", "Lý Ba")
    ]
    declarations = (await declare(resident, *people, contact=contact))["declarations"]
    nurse = await story.acting("station")
    cases = [one["case"]["id"] for one in declarations]
    silent = await confirmed(story, nurse, **OLD)
    await do(nurse, "confirmCases", cases=[{"id": case} for case in cases])
    await story.clock(MOMENT + timedelta(days=6))
    await story.sweep(miss_check_ins)
    await story.sweep(fall_due)
    nurse, resident = await story.acting("station"), await story.resident("+84975000001")
    test = {"kind": "rapid_antigen", "takenOn": "2022-03-24", "result": "NEGATIVE"}
    await do(resident, "sendReleaseTest", declarationId=declarations[0]["id"], **test)
    await do(nurse, "recordReleaseTest", caseId=cases[1], **test)
    await do(nurse, "releaseCase", id=cases[1])
    found = {
        "TEST_TO_VERIFY": cases[0],
        "CERTIFICATE_TO_SIGN": cases[1],
        "RELEASE_DUE": cases[2],
        "MISSED_CHECK_IN": silent,
    }
    listed = {one["case"]["id"]: one for one in await items(nurse)}
    for kind, case in found.items():
        assert kind in listed[case]["kinds"], (kind, listed[case])
        assert listed[case]["why"].strip()
        assert listed[case]["toDo"].strip()
    # Whoever has a certificate that waits has nothing else to be done.
    assert listed[cases[1]]["kinds"] == ["CERTIFICATE_TO_SIGN"]
    places = [ORDER.index(one["kind"]) for one in await items(nurse)]
    assert places == sorted(places)
    assert len(listed) == len(await items(nurse))


async def test_two_do_not_call_the_same_person(story: Story) -> None:
    nurse, colleague = await story.acting("station"), await story.acting("colleague")
    case = (await items(nurse, kinds=["RELEASE_DUE"]))[0]["case"]["id"]
    shown = "case { claimedBy { name } claimedUntil version }"
    claimed = (await do(nurse, "claimCase", shown, id=case))["case"]
    assert claimed["claimedBy"] == {"name": "Station"}
    taken = await conflict(colleague, "claimCase", "ALREADY_CLAIMED", id=case)
    assert taken["by"] == {"name": "Station"}
    assert taken["current"]["claimedBy"] == {"name": "Station"}
    await conflict(colleague, "releaseClaim", "ALREADY_CLAIMED", id=case)
    assert (await item_of(colleague, case))["case"]["claimedBy"] == {"name": "Station"}
    assert case in [one["case"]["id"] for one in await items(nurse, mine=True)]
    assert case not in [one["case"]["id"] for one in await items(colleague, mine=True)]
    # It keeps nobody from helping: whoever picks up the phone first has the person.
    await do(colleague, "recordContact", caseId=case, outcome="NO_ANSWER")
    await do(nurse, "releaseClaim", id=case)
    assert (await do(colleague, "claimCase", shown, id=case))["case"]["claimedBy"] == {"name": "Colleague"}
    # Who forgets to give it out of hand does not keep it for ever.
    await story.clock(MOMENT + timedelta(days=6, hours=1))
    nurse = await story.acting("station")
    assert (await item_of(nurse, case))["case"]["claimedBy"] is None
    assert (await do(nurse, "claimCase", shown, id=case))["case"]["claimedBy"] == {"name": "Station"}
    await refused(await story.acting("neighbour"), "claimCase", "NotFound", id=case)
    lines = "query ($id: ID!) { case(id: $id) { timeline { nodes { kind by { name } } } } }"
    story_of = (await nurse.data(lines, {"id": case}))["case"]["timeline"]["nodes"]
    claims = [(one["kind"], one["by"]) for one in reversed(story_of) if one["kind"].startswith("CLAIM")]
    assert claims[0] == ("CLAIMED", {"name": "Station"})
    assert claims[-1] == ("CLAIMED", {"name": "Station"})
    answer = await ask(nurse, "claimCase", id="nothing")
    assert answer["code"] == "NOT_FOUND"
