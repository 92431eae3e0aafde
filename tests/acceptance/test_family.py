"""A family over the wire, from the report to the certificate: four people in one call, and one of them in danger."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import aiohttp
import pytest

from commands.outcome import OPERATOR
from commands.session import runtime_on
from models.area import Area
from models.database import application_connection, service_connection
from models.embedded import EmbeddedPostgres
from models.state import Role, StationKind
from models.station import Station
from services.add_account import NewAccount, add_accounts
from services.fall_due import fall_due
from services.miss_check_ins import miss_check_ins
from tests.acceptance.client import Api
from tests.acceptance.conftest import DISTRICT, MOMENT, PASSWORD, Place, furnish, serving
from tests.acceptance.declaring import declare, person
from tests.acceptance.story import Story, until

PHONE = "+84971555001"
HOSPITAL = "bv-quan-1"

GRANDMOTHER = person(
    fullName="Trần Thị Bích",
    birthDate="1945-03-08",
    symptoms=["dyspnoea", "cough"],
    conditions=["diabetes"],
    vitals={"spo2": 91},
)
FATHER = person(
    fullName="Nguyễn Văn An", birthDate="1975-01-20", sex="MALE", symptoms=["fatigue"], onsetOn="2022-03-16"
)
MOTHER = person(fullName="Lê Thị Hoa", birthDate="1984-06-02", pregnant=True, onsetOn="2022-03-16")
CHILD = person(fullName="Nguyễn Minh", birthDate="2014-09-01", sex="MALE", onsetOn="2022-03-16")

WORKLIST = """
{ worklist(first: 20) { nodes { kind kinds why toDo since dueAt case { id state person { name } } alert { id } } } }
"""
CASE = """
query ($id: ID!) {
  case(id: $id) {
    state version danger checksMissed nextCheckInDue releaseOn allowedActions person { name phone }
    alerts { id kind state danger }
    referrals { id state hospital { name } }
    checkIns(first: 10) { nodes { severe danger vitals { spo2 } enteredBy { name } } }
    certificates { id code state }
    releaseTests { id supervised result verifiedAt }
    timeline(first: 100) { nodes { kind state } }
  }
}
"""
SUMMARY = "{ areaSummary { declared confirmed active severe highRisk hospitalised completed alerts { open } } }"


def mutation(name: str, done: str, shown: str) -> str:
    """A mutation of one input, whose refusal shows as such."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    return (
        f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename ... on {done} {{ {shown} }}"
        " ... on Problem { code message } } }"
    )


@pytest.fixture
async def family(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """An installation with a hospital in the district, and a server."""
    urls = await postgres.database("khaibao_family", fresh=True)
    place = Place(tmp_path_factory.mktemp("family"), urls)
    await furnish(place)
    async with runtime_on(place.settings, place.urls) as runtime:
        areas = {area.national_code: area for area in await Area.all().using_db(application_connection())}
        district = areas[DISTRICT]
        await Station.create(
            using_db=service_connection(),
            id=HOSPITAL,
            name="Bệnh viện Quận 1",
            phone="+842800009999",
            kind=StationKind.HOSPITAL,
            area_id=district.id,
            area_no=district.lo,
            active=True,
        )
        physician = NewAccount(
            username="physician",
            password=PASSWORD,
            display_name="Physician",
            role=Role.HOSPITAL,
            area=district.id,
            station=HOSPITAL,
        )
        await add_accounts(runtime, OPERATOR, [physician])
    async with serving(place) as url, aiohttp.ClientSession() as session:
        yield Story(place, Api(url, session))


async def do(api: Api, name: str, done: str, shown: str, **given: Any) -> Any:
    """What a mutation answers that is not refused."""
    answer = (await api.data(mutation(name, done, shown), {"input": given}))[name]
    assert answer["__typename"] == done, answer
    return answer


async def case(api: Api, id: str) -> Any:
    """A case as it stands."""
    return (await api.data(CASE, {"id": id}))["case"]


async def test_a_familys_story_from_the_report_to_the_certificate(family: Story) -> None:
    mother, nurse = await family.resident(PHONE), await family.acting("station")

    # Four people in one call. Whoever is in danger stands first in the worklist, with why and what to do.
    people = [GRANDMOTHER, FATHER, MOTHER, CHILD]
    contact = {"phone": PHONE, "declaredBy": "Lê Thị Hoa", "email": "hoa@example.vn"}
    receipt = await declare(mother, *people, contact=contact)
    assert receipt["__typename"] == "Receipt"
    declarations = [one["id"] for one in receipt["declarations"]]
    ids = [one["case"]["id"] for one in receipt["declarations"]]
    old, father, pregnant, child = ids
    items = (await nurse.data(WORKLIST))["worklist"]["nodes"]
    assert [item["kind"] for item in items[:2]] == ["RED_ALERT", "AMBER_ALERT"]
    assert {item["case"]["id"] for item in items} == set(ids)
    assert items[0]["case"]["person"]["name"] == "Trần Thị Bích"
    assert "91" in items[0]["why"]
    assert "covid19-hcmc-2022-03-17" in items[0]["why"]

    # The nurse takes the alert, confirms them all, and calls.
    taken = await do(nurse, "acknowledgeAlert", "AlertAcknowledged", "alerts { kind }", id=items[0]["alert"]["id"])
    assert {alert["kind"] for alert in taken["alerts"]} == {"SEVERE", "HIGH_RISK"}
    for id in ids:
        await do(nurse, "confirmCase", "CaseConfirmed", "case { state }", id=id)
        called = {"caseId": id, "outcome": "REACHED", "advice": ["ISOLATE", "WATCH_FOR_SIGNS"]}
        reached = await do(nurse, "recordContact", "ContactRecorded", "case { state }", **called)
        assert reached["case"]["state"] == "HOME_ISOLATION"

    # Packs: the father gets one; the mother and the child are told why there is none for them.
    station = (await nurse.data("{ stations(kinds: [WARD_STATION]) { nodes { id } } }"))["stations"]["nodes"][0]["id"]
    for pack in ("a", "c"):
        stock = {"stationId": station, "pack": pack, "quantity": 10}
        text = mutation("receiveStock", "StockChanged", "entry { __typename }").replace(
            "ReceiveStockInput", "StockInput"
        )
        assert (await nurse.data(text, {"input": stock}))["receiveStock"]["__typename"] == "StockChanged"
    given = {"caseId": father, "pack": "c", "consent": True, "answers": {"vitals": {"spo2": 97, "respiratoryRate": 18}}}
    await do(nurse, "dispensePack", "PackDispensed", "dispensing { __typename }", **given)
    for id, why in ((pregnant, "pregnant"), (child, "under_18")):
        text = mutation("dispensePack", "PackDispensed", "case { id }").replace(
            "... on Problem", "... on PackRefused { reasons { code text } } ... on Problem"
        )
        refused = (await nurse.data(text, {"input": {**given, "caseId": id}}))["dispensePack"]
        assert refused["__typename"] == "PackRefused"
        assert why in [reason["code"] for reason in refused["reasons"]]

    # The grandmother goes to hospital, which sees her and nobody else.
    hospitals = (await nurse.data("{ hospitals { nodes { id name } } }"))["hospitals"]["nodes"]
    asked_of = next(one["id"] for one in hospitals if one["name"] == "Bệnh viện Quận 1")
    asked = {"caseId": old, "hospitalId": asked_of, "reason": "SpO2 91, khó thở"}
    text = "referral { id state }"
    referral = (await do_as(nurse, "referCase", "ReferCaseInput", "ReferralChanged", text, **asked))["referral"]["id"]
    doctor = await family.acting("physician")
    waiting = (await doctor.data("{ referrals { nodes { id state case { id person { name } } } } }"))["referrals"][
        "nodes"
    ]
    assert [(one["id"], one["case"]["person"]["name"]) for one in waiting] == [(referral, "Trần Thị Bích")]
    assert (await doctor.ask(CASE, {"id": father})).code == "NOT_FOUND"
    for one in (await case(nurse, old))["alerts"]:
        await do(nurse, "resolveAlert", "AlertResolved", "alert { state }", id=one["id"], outcome="REFERRED")
    for act in ("acceptReferral", "startTransfer", "admitCase"):
        await do_as(doctor, act, "ReferralInput", "ReferralChanged", text, id=referral)
    assert (await case(nurse, old))["state"] == "HOSPITALISED"
    summary = (await nurse.data(SUMMARY))["areaSummary"]
    assert (summary["declared"], summary["confirmed"], summary["hospitalised"]) == (4, 4, 1)

    # Two days later she is home again; the others have reported how they are meanwhile.
    await family.clock(MOMENT + timedelta(days=1))
    mother = await family.resident(PHONE)
    for number, declaration in enumerate(declarations[1:]):
        report = {"idempotencyKey": f"family-check-in-{number}", "declarationId": declaration, "symptoms": ["cough"]}
        done = await do(mother, "checkIn", "CheckedIn", "nextCheckInDue checkIn { severe }", **report)
        assert done["nextCheckInDue"]
        assert not done["checkIn"]["severe"]
    await family.clock(MOMENT + timedelta(days=2))
    doctor = await family.acting("physician")
    home = {"id": referral, "recovered": False, "note": "SpO2 96, ổn định"}
    await do(doctor, "dischargeCase", "ReferralChanged", text, **home)
    assert (await doctor.ask(CASE, {"id": old})).code == "NOT_FOUND"
    nurse = await family.acting("station")
    assert (await case(nurse, old))["state"] == "HOME_ISOLATION"

    # She is silent for a day: that is an alert of its own, and the nurse reports for her.
    await family.clock(MOMENT + timedelta(days=3))
    nurse = await family.acting("station")

    await family.sweep(miss_check_ins)
    alerts = (await case(nurse, old))["alerts"]
    (alert,) = [one for one in alerts if one["kind"] == "MISSED_CHECK_IN" and one["state"] != "RESOLVED"]
    assert (await case(nurse, old))["checksMissed"] > 0
    items = (await nurse.data(WORKLIST))["worklist"]["nodes"]
    hers = next(item for item in items if item["case"]["id"] == old)
    assert "MISSED_CHECK_IN" in hers["kinds"]
    await do(nurse, "acknowledgeAlert", "AlertAcknowledged", "alert { state }", id=alert["id"])
    report = {
        "idempotencyKey": "family-by-the-nurse",
        "caseId": old,
        "symptoms": ["cough"],
        "vitals": {"spo2": 97, "respiratoryRate": 18},
    }
    await do(nurse, "checkIn", "CheckedIn", "checkIn { severe }", **report)
    await do(nurse, "resolveAlert", "AlertResolved", "alert { state }", id=alert["id"], outcome="ADVISED")
    found = await case(nurse, old)
    assert found["checksMissed"] == 0
    assert found["checkIns"]["nodes"][0] == {
        "severe": False,
        "danger": None,
        "vitals": {"spo2": 97},
        "enteredBy": {"name": "Station"},
    }

    # Day 7 from the test: release is due, the mother sends the test, the nurse verifies it and lets her go.
    await family.clock(MOMENT + timedelta(days=6))
    mother, nurse = await family.resident(PHONE), await family.acting("station")

    await family.sweep(fall_due)
    assert (await case(nurse, old))["state"] == "RELEASE_DUE"
    too_early = (await nurse.data(RELEASE, {"input": {"id": old}}))["releaseCase"]
    assert too_early["__typename"] == "NotReleasable"
    negative = {
        "declarationId": declarations[0],
        "kind": "rapid_antigen",
        "takenOn": "2022-03-24",
        "result": "NEGATIVE",
    }
    sent = await do(mother, "sendReleaseTest", "ReleaseTestTaken", "test { id supervised }", **negative)
    items = (await nurse.data(WORKLIST))["worklist"]["nodes"]
    assert "TEST_TO_VERIFY" in next(item for item in items if item["case"]["id"] == old)["kinds"]
    await do(nurse, "verifyReleaseTest", "ReleaseTestTaken", "test { verifiedAt }", id=sent["test"]["id"])
    released = (await nurse.data(RELEASE, {"input": {"id": old}}))["releaseCase"]
    assert released.get("case") == {"state": "COMPLETED"}, released

    # The head signs; the family fetches the paper; anybody verifies it, and learns nobody's name.
    head = await family.acting("chief")
    queue = (await head.data(QUEUE))["certificates"]["nodes"]
    assert [one["case"]["person"]["name"] for one in queue] == ["Trần Thị Bích"]
    signed = await do(head, "signCertificate", "CertificateChanged", "certificate { code state }", id=queue[0]["id"])
    code = signed["certificate"]["code"]

    async def paper() -> Any:
        mine = (await mother.data("{ myCertificates { nodes { declarationId code state url } } }"))["myCertificates"][
            "nodes"
        ]
        return next((one for one in mine if one["url"]), None)

    fetched = await until(paper)
    assert (fetched["declarationId"], fetched["code"]) == (declarations[0], code)
    reply = await family.api.get(fetched["url"])
    assert (reply.status, reply.body[:5]) == (200, b"%PDF-")
    verify = "query ($code: String!) { verifyCertificate(code: $code) { validity station signedOn } }"
    valid = (await family.api.data(verify, {"code": code}))["verifyCertificate"]
    assert (valid["validity"], valid["signedOn"]) == ("VALID", "2022-03-24")
    unknown = (await family.api.data(verify, {"code": "AAAA-BBBB-CCCC"}))["verifyCertificate"]
    assert unknown["validity"] == "UNKNOWN"

    # And all of it stands in the timeline, in the order in which it was.
    nurse = await family.acting("station")
    ended = await case(nurse, old)
    assert ended["state"] == "CERTIFIED"
    kinds = [line["kind"] for line in reversed(ended["timeline"]["nodes"])]
    for earlier, later in pairwise(STORY):
        assert kinds.index(earlier) < kinds.index(later), kinds
    summary = (await nurse.data(SUMMARY))["areaSummary"]
    assert (summary["active"], summary["hospitalised"], summary["completed"]) == (3, 0, 1)


RELEASE = """
mutation ($input: ReleaseCaseInput!) {
  releaseCase(input: $input) {
    __typename
    ... on CaseReleased { case { state } }
    ... on NotReleasable { missing fromDay message }
    ... on Conflict { reason state }
  }
}
"""
QUEUE = "{ certificates(states: [AWAITING_SIGNATURE]) { nodes { id case { person { name } } } } }"
STORY = [
    *("DECLARED", "ALERT_RAISED", "ALERT_ACKNOWLEDGED", "CONFIRMED", "CONTACTED", "REFERRED", "REFERRAL_ACCEPTED"),
    *("IN_TRANSFER", "ADMITTED", "DISCHARGED", "CHECK_IN_MISSED", "CHECKED_IN", "RELEASE_DUE", "TESTED"),
    *("TEST_VERIFIED", "RELEASED", "CERTIFIED"),
]


async def do_as(api: Api, name: str, kind: str, done: str, shown: str, **given: Any) -> Any:
    """The same, where several mutations take one input."""
    text = mutation(name, done, shown).replace(f"{name[0].upper()}{name[1:]}Input!", f"{kind}!")
    answer = (await api.data(text, {"input": given}))[name]
    assert answer["__typename"] == done, answer
    return answer
