"""Somebody is called, given medicine or refused it, sent to a hospital and back: through the public API."""

from typing import Any

import pytest

from tests.acceptance.asking import conflict, do, refused
from tests.acceptance.client import Api
from tests.acceptance.conftest import Place
from tests.acceptance.declaring import declare, person
from tests.acceptance.test_verification import resident

CONFIRM = "mutation ($id: ID!) { confirmCase(input: {id: $id}) { ... on CaseConfirmed { case { version } } } }"
CONTACT = """
mutation ($input: RecordContactInput!) {
  recordContact(input: $input) {
    __typename
    ... on ContactRecorded { case { state unreached contacts { outcome advice note by { name } } } }
    ... on InvalidInput { fields { path code } }
  }
}
"""
PACKS = "query ($id: ID!) { case(id: $id) { packs { pack { code } possible inStock reasons { code text } } } }"
DISPENSE = """
mutation ($input: DispensePackInput!) {
  dispensePack(input: $input) {
    __typename
    ... on PackDispensed {
      dispensing { pack consent protocol note by { name } station { name } } case { dispensings { pack } }
    }
    ... on PackRefused { code message pack reasons { code text missing } protocol }
    ... on OutOfStock { code message pack balance }
    ... on InvalidInput { fields { path code message } }
  }
}
"""
RECEIVE = """
mutation ($input: StockInput!) {
  receiveStock(input: $input) {
    __typename
    ... on StockChanged { entry { change balance kind by { name } } }
    ... on Conflict { reason message }
  }
}
"""
STOCK = "{ stock { station { id name } balances { pack balance } entries { nodes { change balance kind } } } }"
HOSPITALS = "{ hospitals { nodes { id name kind } } }"
_REFERRAL = """
{ __typename ... on ReferralChanged { referral { id state version allowedActions answer } case { state } }
  ... on NotFound { code } ... on Conflict { reason message } ... on InvalidInput { fields { path code } } }
"""
REFER = f"mutation ($input: ReferCaseInput!) {{ referCase(input: $input) {_REFERRAL} }}"
ADMIT = f"mutation ($input: ReferralInput!) {{ admitCase(input: $input) {_REFERRAL} }}"
DISCHARGE = f"mutation ($input: DischargeCaseInput!) {{ dischargeCase(input: $input) {_REFERRAL} }}"
REFERRALS = """
{ referrals { nodes { id state reason hospital { name } case { id state person { name } contacts { note } } } } }
"""
DEATH = """
mutation ($input: RecordDeathInput!) {
  recordDeath(input: $input) { __typename ... on CaseMoved { case { state } } ... on Problem { code message } }
}
"""


async def confirmed(api: Api, station: Api, **given: Any) -> str:
    """The id of a case that the station has confirmed."""
    id: str = (await declare(api, person(**given)))["declarations"][0]["case"]["id"]
    await station.data(CONFIRM, {"id": id})
    return id


async def stock(station: Api) -> dict[str, Any]:
    """The station's own stock."""
    found: dict[str, Any] = (await station.data(STOCK))["stock"]
    return found


async def test_whoever_is_called_is_isolated_and_given_what_the_protocol_allows(api: Api, station: Api) -> None:
    id = await confirmed(api, station, pregnant=True, onsetOn="2022-03-16")
    call = {"caseId": id, "outcome": "REACHED", "advice": ["ISOLATE", "WATCH_FOR_SIGNS"], "note": "Khỏe"}
    done = (await station.data(CONTACT, {"input": call}))["recordContact"]
    assert done["case"] == {
        "state": "HOME_ISOLATION",
        "unreached": 0,
        "contacts": [{"outcome": "REACHED", "advice": call["advice"], "note": "Khỏe", "by": {"name": "Station"}}],
    }
    here = await stock(station)
    for pack in "ac":
        given = {"stationId": here["station"]["id"], "pack": pack, "quantity": 2}
        came = (await station.data(RECEIVE, {"input": given}))["receiveStock"]
        assert (came["entry"]["change"], came["entry"]["kind"]) == (2, "RECEIVED")
    stale = await station.data(RECEIVE, {"input": {**given, "seen": 999}}, accept_language="en")
    assert stale["receiveStock"]["message"] == "The balance is another one meanwhile. Look again."

    packs = {one["pack"]["code"]: one for one in (await station.data(PACKS, {"id": id}))["case"]["packs"]}
    assert [(code, one["possible"]) for code, one in packs.items()] == [("a", True), ("b", False), ("c", False)]

    found = {"vitals": {"spo2": 97, "respiratoryRate": 18}, "breastfeeding": False}
    order = {"caseId": id, "pack": "c", "consent": True, "answers": found}
    for language, text in (("vi", "Đang mang thai"), ("en", "Pregnant")):
        refused = (await station.data(DISPENSE, {"input": order}, accept_language=language))["dispensePack"]
        assert refused["__typename"] == "PackRefused"
        assert refused["reasons"] == [{"code": "pregnant", "text": text, "missing": []}]
    given_out = (await station.data(DISPENSE, {"input": {"caseId": id, "pack": "a", "note": "Con nhận"}}))[
        "dispensePack"
    ]
    assert given_out["case"] == {"dispensings": [{"pack": "a"}]}
    assert given_out["dispensing"]["note"] == "Con nhận"
    left = {one["pack"]: one["balance"] for one in (await stock(station))["balances"]}
    assert (left["a"], left["c"]) == (1, 2)


async def test_a_hospital_sees_whom_it_was_asked_to_take_and_sends_them_home(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    hospital, neighbour = api.acting(tokens["hospital"]), api.acting(tokens["neighbour"])
    id = await confirmed(api, station, symptoms=["dyspnoea"])
    clinics = (await station.data(HOSPITALS))["hospitals"]["nodes"]
    assert {one["kind"] for one in clinics} == {"HOSPITAL"}
    asked_of = next(one["id"] for one in clinics if one["name"].endswith("Quận 5"))
    asked = {"caseId": id, "hospitalId": asked_of, "reason": "SpO2 92"}
    assert (await neighbour.data(REFER, {"input": asked}))["referCase"]["__typename"] == "NotFound"
    referred = (await station.data(REFER, {"input": asked}))["referCase"]
    assert referred["case"] == {"state": "REFERRED"}

    (shown,) = (await hospital.data(REFERRALS))["referrals"]["nodes"]
    assert (shown["reason"], shown["state"], shown["case"]["id"]) == ("SpO2 92", "REQUESTED", id)
    assert shown["case"]["person"]["name"].startswith("Trần Thị Thử")
    admitted = (await hospital.data(ADMIT, {"input": {"id": shown["id"]}}))["admitCase"]
    assert admitted["case"] == {"state": "HOSPITALISED"}
    assert admitted["referral"]["allowedActions"] == ["DISCHARGE", "DISCHARGE_RECOVERED", "RECORD_DEATH"]
    home = {"id": shown["id"], "recovered": False, "note": "Ổn định"}
    gone = (await hospital.data(DISCHARGE, {"input": home}))["dischargeCase"]
    # What it has done has taken the person from it.
    assert (gone["referral"]["state"], gone["referral"]["answer"], gone["case"]) == ("DISCHARGED", None, None)
    assert (await hospital.data(REFERRALS))["referrals"]["nodes"] == []
    assert (await hospital.ask(PACKS, {"id": id})).code == "NOT_FOUND"
    (kept,) = [one for one in (await station.data(REFERRALS))["referrals"]["nodes"] if one["id"] == shown["id"]]
    assert (kept["state"], kept["case"]["state"]) == ("DISCHARGED", "HOME_ISOLATION")

    tomorrow = (await station.data(DEATH, {"input": {"caseId": id, "on": "2022-03-19"}}))["recordDeath"]
    assert tomorrow["code"] == "INVALID_INPUT"
    died = (await station.data(DEATH, {"input": {"caseId": id, "on": "2022-03-18"}}))["recordDeath"]
    assert died["case"] == {"state": "DECEASED"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"pregnant": True, "onsetOn": "2022-03-16"}, "pregnant"),
        ({"birthDate": "2010-01-01", "onsetOn": "2022-03-16"}, "under_18"),
        ({"onsetOn": "2022-03-12"}, "onset_too_long_ago"),
        ({}, "onset_unknown"),
        ({"onsetOn": "2022-03-16", "breastfeeding": True}, "breastfeeding"),
    ],
    ids=["pregnant", "a child", "after day 5", "nobody knows since when", "breastfeeding"],
)
async def test_whom_molnupiravir_would_harm_or_no_more_help_gets_none_and_is_told_why(
    api: Api, station: Api, given: dict[str, Any], code: str
) -> None:
    id = await confirmed(api, station, **given)
    answers = {"vitals": {"spo2": 97, "respiratoryRate": 18}}
    order = {"caseId": id, "pack": "c", "consent": True, "answers": answers}
    wrong = await refused(station, "dispensePack", "PackRefused", **order)
    assert code in [reason["code"] for reason in wrong["reasons"]]
    assert all(reason["text"].strip() for reason in wrong["reasons"])
    assert wrong["protocol"] == "covid19-hcmc-2022-03-17"
    assert (await station.data("query ($id: ID!) { case(id: $id) { dispensings { pack } } }", {"id": id}))["case"] == {
        "dispensings": []
    }


async def test_pack_c_needs_consent_and_stock_and_says_which(
    api: Api, place: Place, station: Api, tokens: dict[str, str]
) -> None:
    who = await resident(api, place, "+84979000001")
    contact = {"phone": "0979000001", "declaredBy": "Trần Văn Chủ"}
    man = person(sex="MALE", onsetOn="2022-03-16")
    id = (await declare(who, man, contact=contact))["declarations"][0]["case"]["id"]
    answers = {"vitals": {"spo2": 97, "respiratoryRate": 18}}
    order = {"caseId": id, "pack": "c", "consent": True, "answers": answers}
    early = await conflict(station, "dispensePack", "WRONG_STATE", **order)
    assert (early["state"], "CONFIRM" in early["allowed"]) == ("SUSPECTED", True)
    await do(station, "confirmCase", id=id)
    wrong = await refused(station, "dispensePack", "PackRefused", **{**order, "consent": False})
    assert [reason["code"] for reason in wrong["reasons"]] == ["consent_missing"]
    doctors = await refused(station, "dispensePack", "PackRefused", **{**order, "pack": "b"})
    assert [reason["code"] for reason in doctors["reasons"]] == ["doctor_only"]
    here = await stock(station)
    left = {one["pack"]: one["balance"] for one in here["balances"]}.get("c", 0)
    emptied = {"stationId": here["station"]["id"], "pack": "c", "reason": "Kiểm kê"}
    if left:
        await do(station, "correctStock", **emptied, quantity=-left)
    none = await refused(station, "dispensePack", "OutOfStock", **order)
    assert (none["pack"], none["balance"]) == ("c", 0)
    await refused(station, "returnStock", "OutOfStock", **{**emptied, "quantity": 1})
    await do(station, "receiveStock", **{**emptied, "quantity": 1})
    shown = "dispensing { pack consent by { name } } case { dispensings { pack consent } }"
    done = await do(station, "dispensePack", shown, **order)
    assert done["dispensing"] == {"pack": "c", "consent": True, "by": {"name": "Station"}}
    # Sent once more over a bad line it is not given twice; a colleague who did not know is told.
    assert await do(station, "dispensePack", shown, **order) == done
    wrong = await refused(api.acting(tokens["colleague"]), "dispensePack", "PackRefused", **order)
    assert "already_given" in [reason["code"] for reason in wrong["reasons"]]
    entry = (await station.data(STOCK))["stock"]["entries"]["nodes"][0]
    assert entry == {"change": -1, "balance": 0, "kind": "DISPENSED"}
    for other in ("neighbour", "committee", "hospital"):
        await refused(api.acting(tokens[other]), "dispensePack", "NotFound", **order)
