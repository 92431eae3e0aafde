"""Days at home: who gets worse is called for at once, and who falls silent is missed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from models.embedded import EmbeddedPostgres
from services.miss_check_ins import miss_check_ins
from tests.acceptance.asking import conflict, do, refused
from tests.acceptance.client import Api
from tests.acceptance.conftest import MOMENT
from tests.acceptance.declaring import declare, person
from tests.acceptance.story import Story, telling
from tests.acceptance.test_alerts import listening

PHONE, OTHER_PHONE, STRANGER = "+84976000001", "+84976000002", "+84976000003"
TAKEN = """
nextCheckInDue advice case { id state checksMissed alerts { id } }
checkIn { id severe danger reasons { code value } symptoms enteredBy { name } }
"""
CASE = """
query ($id: ID!) { case(id: $id) { state danger checksMissed nextCheckInDue lastCheckInAt
  alerts { id kind danger state outcome reasons { code value } }
  checkIns(first: 20) { nodes { at severe danger symptoms vitals { spo2 } enteredBy { name } } }
  timeline { nodes { kind alert { kind } } } } }
"""
WORK = """
{ worklist(first: 100) { nodes { kind kinds why toDo dueAt case { id person { name } } alert { kind dueAt } } } }
"""


@pytest.fixture(scope="module")
async def story(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """An installation for these tests alone. They come in the order of its days."""
    async with telling(postgres, tmp_path_factory, "check_ins") as one:
        yield one


async def at_home(story: Story, resident: Api, *people: dict[str, Any]) -> list[tuple[str, str]]:
    """Whom the resident has declared, once they are advised and at home: their declarations and cases."""
    contact = {"phone": PHONE, "declaredBy": "Trần Văn Chủ"}
    declarations = (await declare(resident, *people, contact=contact))["declarations"]
    nurse = await story.acting("station")
    for one in declarations:
        id = one["case"]["id"]
        for alert in (await nurse.data(CASE, {"id": id}))["case"]["alerts"]:
            await do(nurse, "acknowledgeAlert", id=alert["id"])
            await do(nurse, "resolveAlert", id=alert["id"], outcome="ADVISED")
        await do(nurse, "confirmCase", id=id)
        await do(nurse, "recordContact", caseId=id, outcome="REACHED", advice=["CHECK_IN"])
    return [(one["id"], one["case"]["id"]) for one in declarations]


def report(key: str, *symptoms: str, **vitals: float) -> dict[str, Any]:
    """How somebody is."""
    return {"idempotencyKey": key, "symptoms": list(symptoms), "vitals": vitals}


async def case_of(api: Api, id: str) -> Any:
    """The case as somebody sees it."""
    return (await api.data(CASE, {"id": id}))["case"]


async def test_who_gets_worse_is_called_for_and_raised_up_when_it_goes_on(story: Story) -> None:
    resident = await story.resident(PHONE)
    ((declaration, case),) = await at_home(story, resident, person(fullName="Vũ Thị Yếu"))
    nurse = await story.acting("station")
    well = await do(resident, "checkIn", TAKEN, **report("day-1", "cough", spo2=98), declarationId=declaration)
    assert (well["checkIn"]["severe"], well["checkIn"]["enteredBy"]) == (False, None)
    assert well["nextCheckInDue"]
    async with listening(nurse) as alerts, listening(await story.acting("committee")) as committee:
        tired = await do(resident, "checkIn", TAKEN, **report("day-1b", "fatigue", spo2=97), declarationId=declaration)
        assert tired["checkIn"]["danger"] == "AMBER"
        event = (await alerts.next("1"))["alerts"]
        assert (event["change"], event["alert"]["danger"]) == ("RAISED", "AMBER")
        assert event["alert"]["case"]["person"]["name"] == "Vũ Thị Yếu"
        assert (await committee.next("1"))["alerts"]["alert"]["case"]["person"] is None
        await do(nurse, "acknowledgeAlert", id=event["alert"]["id"])
        assert (await alerts.next("1"))["alerts"]["change"] == "ACKNOWLEDGED"
        # The same again is known: nobody is called twice for it. Worse is the same alert, raised up.
        await do(resident, "checkIn", **report("day-1c", "fatigue", spo2=97), declarationId=declaration)
        red = await do(resident, "checkIn", TAKEN, **report("day-1d", "fatigue", spo2=92), declarationId=declaration)
        assert red["checkIn"]["danger"] == "RED"
        assert "115" in red["advice"]
        again = (await alerts.next("1"))["alerts"]
        assert (again["change"], again["alert"]["id"]) == ("WORSENED", event["alert"]["id"])
        assert (again["alert"]["danger"], again["alert"]["state"]) == ("RED", "RAISED")
        assert again["alert"]["reasons"][0]["code"] == "spo2_low"
        assert again["alert"]["acknowledgedBy"] is None
    found = await case_of(nurse, case)
    assert found["danger"] == "RED"
    assert [one["vitals"]["spo2"] for one in found["checkIns"]["nodes"]] == [92, 97, 97, 98]
    (item,) = [one for one in (await nurse.data(WORK))["worklist"]["nodes"] if one["case"]["id"] == case]
    assert (item["kind"], item["alert"]["kind"]) == ("RED_ALERT", "SEVERE")
    assert "92" in item["why"]
    # A resident learns what to do, and not how the station sees them.
    assert red["case"]["alerts"] == []


async def test_a_check_in_is_taken_once_and_from_nobody_else(story: Story) -> None:
    resident, stranger = await story.resident(OTHER_PHONE), await story.resident(STRANGER)
    contact = {"phone": OTHER_PHONE, "declaredBy": "Trần Văn Chủ"}
    (one,) = (await declare(resident, person(), contact=contact))["declarations"]
    sent = {**report("once", "cough"), "declarationId": one["id"]}
    first = await do(resident, "checkIn", TAKEN, **sent)
    assert (await do(resident, "checkIn", TAKEN, **sent))["checkIn"] == first["checkIn"]
    await conflict(resident, "checkIn", "IDEMPOTENCY_KEY_REUSED", **{**sent, "symptoms": ["fever"]})
    await refused(stranger, "checkIn", "NotFound", **sent)
    await refused(await story.acting("neighbour"), "checkIn", "NotFound", **sent)
    wrong = await refused(resident, "checkIn", "InvalidInput", **{**sent, **report("new", "sneezing", spo2=300)})
    assert {fault["path"] for fault in wrong["fields"]} == {"symptoms.0", "vitals.spo2"}
    nurse = await story.acting("station")
    await do(nurse, "dismissCase", id=one["case"]["id"], reason="NEGATIVE_TEST")
    over = await conflict(resident, "checkIn", "WRONG_STATE", **{**sent, "idempotencyKey": "later"})
    assert over["state"] == "NOT_A_CASE"
    assert "CHECK_IN" not in over["allowed"]


async def test_who_is_at_risk_and_silent_is_an_alert_and_who_is_not_stands_in_the_worklist(story: Story) -> None:
    await story.clock(MOMENT + timedelta(hours=1))
    resident = await story.resident(PHONE)
    old = person(fullName="Cụ Im Lặng", birthDate="1948-05-05", conditions=["hypertension"])
    young = person(fullName="Em Quên Báo")
    (_, risky), (young_report, hardly) = await at_home(story, resident, old, young)
    assert (await case_of(await story.acting("station"), risky))["nextCheckInDue"]
    await story.clock(MOMENT + timedelta(hours=30))
    nurse = await story.acting("station")
    async with listening(nurse, kinds=["MISSED_CHECK_IN"]) as alerts:
        await story.sweep(miss_check_ins)
        # Whoever was severe the days before is at risk as well.
        events = [(await alerts.next("1"))["alerts"] for _ in range(2)]
    missed = {event["alert"]["case"]["id"]: (event["change"], event["alert"]["kind"]) for event in events}
    assert missed[risky] == ("RAISED", "MISSED_CHECK_IN")
    assert hardly not in missed
    silent = {one["case"]["id"]: one for one in (await nurse.data(WORK))["worklist"]["nodes"]}
    for id, name in ((risky, "Cụ Im Lặng"), (hardly, "Em Quên Báo")):
        assert silent[id]["kind"] == "MISSED_CHECK_IN"
        assert silent[id]["case"]["person"]["name"] == name
        assert silent[id]["why"]
        assert silent[id]["toDo"]
    # From its line in the list the alert can be taken, in the time that an alert has.
    due = silent[risky]["dueAt"]
    assert (silent[risky]["alert"], silent[hardly]["alert"]) == ({"kind": "MISSED_CHECK_IN", "dueAt": due}, None)
    assert (await case_of(nurse, hardly))["checksMissed"] >= 1
    # Looking twice misses nobody twice.
    await story.sweep(miss_check_ins)
    kinds = [one["kind"] for one in (await case_of(nurse, risky))["alerts"] if one["state"] != "RESOLVED"]
    assert kinds.count("MISSED_CHECK_IN") == 1
    # The nurse calls and reports for the one; the other's family remembers. Then nobody is missed.
    done = await do(nurse, "checkIn", TAKEN, **report("by-nurse", "cough", spo2=97), caseId=risky)
    assert (done["checkIn"]["enteredBy"], done["case"]["checksMissed"]) == ({"name": "Station"}, 0)
    resident = await story.resident(PHONE)
    await do(resident, "checkIn", **report("late", spo2=98), declarationId=young_report)
    found = await case_of(nurse, risky)
    assert [one["state"] for one in found["alerts"] if one["kind"] == "MISSED_CHECK_IN"] == ["RESOLVED"]
    assert {"CHECK_IN_MISSED", "CHECKED_IN"} <= {line["kind"] for line in found["timeline"]["nodes"]}
    left = {one["case"]["id"]: one["kinds"] for one in (await nurse.data(WORK))["worklist"]["nodes"]}
    assert "MISSED_CHECK_IN" not in left[risky] + left[hardly]
    # What the nurse has heard is the station's; the family sees what it has reported itself.
    mine = """
    query ($id: ID!) { node(id: $id) { ... on Case { checkIns { nodes { enteredBy { name } vitals { spo2 } } } } } }
    """
    assert (await resident.data(mine, {"id": risky}))["node"]["checkIns"]["nodes"] == []
    assert (await resident.data(mine, {"id": hardly}))["node"]["checkIns"]["nodes"] == [
        {"enteredBy": None, "vitals": {"spo2": 98}}
    ]
