"""A resident proves a phone, and what it then declares belongs together."""

import asyncio
import re
from typing import Any

import orjson

from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place
from tests.acceptance.declaring import declare, person

REQUEST = """
mutation ($input: RequestVerificationInput!) {
  requestVerification(input: $input) {
    __typename
    ... on VerificationSent { expiresAt resendAfter }
    ... on InvalidInput { fields { path code message } }
    ... on TooManyRequests { retryAfter }
    ... on Problem { code message }
  }
}
"""
VERIFY = """
mutation ($input: VerifyPhoneInput!) {
  verifyPhone(input: $input) {
    __typename
    ... on Session { token expiresAt account { id } }
    ... on InvalidCode { triesLeft }
    ... on InvalidInput { fields { path code message } }
    ... on Problem { code message }
  }
}
"""


async def ask(api: Api, phone: str, **headers: str) -> Any:
    """What asking for a code answers."""
    return (await api.data(REQUEST, {"input": {"phone": phone}}, **headers))["requestVerification"]


async def verify(api: Api, phone: str, code: str) -> Any:
    """What a code gives."""
    return (await api.data(VERIFY, {"input": {"phone": phone, "code": code}}))["verifyPhone"]


async def code_for(place: Place, phone: str) -> str:
    """The code that the server under test has sent, from the file where its text messages go."""
    file = place.folder / "sms.log"
    async with asyncio.timeout(PATIENCE):
        while True:
            lines = file.read_bytes().splitlines() if file.exists() else []
            sent = [one["text"] for one in map(orjson.loads, lines) if one["to"] == phone]
            if sent:
                (code,) = re.findall(r"\b\d{6}\b", sent[-1])
                return str(code)
            await asyncio.sleep(0.02)


async def resident(api: Api, place: Place, phone: str) -> Api:
    """Somebody whose phone is proven."""
    assert (await ask(api, phone))["__typename"] == "VerificationSent"
    session = await verify(api, phone, await code_for(place, phone))
    assert (session["__typename"], session["account"]) == ("Session", None)
    return api.acting(session["token"])


async def case_of(api: Api, who: dict[str, Any], phone: str) -> str:
    """The case that a declaration of one person comes to."""
    receipt = await declare(api, who, contact={"phone": phone, "declaredBy": "Trần Văn Chủ"})
    (declaration,) = receipt["declarations"]
    id: str = declaration["case"]["id"]
    return id


async def test_what_a_proven_phone_declares_of_one_person_joins_one_case(api: Api, place: Place) -> None:
    proven, phone, an = await resident(api, place, "+84971000001"), "0971 000 001", person()
    first = await case_of(proven, an, phone)
    assert await case_of(proven, an, phone) == first
    assert await case_of(api, an, phone) != first
    assert await case_of(proven, an, "0971 000 009") != first


async def test_a_station_sees_which_alert_is_of_a_proven_phone(api: Api, place: Place, station: Api) -> None:
    proven = await resident(api, place, "+84971000002")
    ill = person(symptoms=["dyspnoea"])
    cases = {
        await case_of(proven, ill, "0971000002"): True,
        await case_of(api, person(symptoms=["dyspnoea"]), "0971000003"): False,
    }
    query = "{ alerts(first: 100) { nodes { verified case { id } } } }"
    alerts = (await station.data(query))["alerts"]["nodes"]
    assert {one["case"]["id"]: one["verified"] for one in alerts if one["case"]["id"] in cases} == cases


async def test_a_forged_code_is_refused_and_the_right_one_serves_once(api: Api, place: Place) -> None:
    phone = "+84971000004"
    await ask(api, phone)
    code = await code_for(place, phone)
    forged = await verify(api, phone, f"{(int(code) + 1) % 1_000_000:06}")
    assert (forged["__typename"], forged["code"], forged["triesLeft"]) == ("InvalidCode", "INVALID_CODE", 4)
    assert (await verify(api, phone, code))["__typename"] == "Session"
    # One that was used is refused like one that was never sent.
    assert (await verify(api, phone, code))["triesLeft"] == 3


async def test_a_forged_token_is_refused(api: Api) -> None:
    reply = await api.acting("x" * 43).ask("{ me { id } }")
    assert reply.code == "UNAUTHENTICATED"


async def test_asking_again_at_once_says_when_to_come_back(api: Api) -> None:
    phone = "+84971000005"
    assert (await ask(api, phone))["resendAfter"] == 60
    refused = await ask(api, phone)
    assert (refused["__typename"], refused["code"]) == ("TooManyRequests", "TOO_MANY_REQUESTS")
    assert 30 < refused["retryAfter"] <= 60


async def test_a_phone_that_is_none_and_a_code_that_is_none_are_said_together(api: Api) -> None:
    faults = (await verify(api, "12", "12"))["fields"]
    assert {(fault["path"], fault["code"]) for fault in faults} == {("phone", "BAD_PHONE"), ("code", "BAD_CODE")}
    (fault,) = (await ask(api, "12", accept_language="en"))["fields"]
    assert fault["message"] == "This is not a valid phone number."


STAFF_S = [
    "{ alerts { nodes { id } } }",
    "{ cases { nodes { id } } }",
    "{ declarations { nodes { id } } }",
    "{ stations { nodes { id } } }",
    "{ areaSummary { declared } }",
]


async def test_a_resident_s_session_opens_nothing_of_the_staff_and_can_be_ended(api: Api, place: Place) -> None:
    proven = await resident(api, place, "+84971000006")
    await case_of(proven, person(symptoms=["dyspnoea"]), "0971000006")
    assert await proven.data("{ me { id } }") == {"me": None}
    for query in STAFF_S:
        reply = await proven.ask(query)
        assert reply.code == "NOT_FOUND", (query, reply.body)
    assert await proven.data("mutation { signOut { signedOut } }") == {"signOut": {"signedOut": True}}
    assert (await proven.ask("{ me { id } }")).code == "UNAUTHENTICATED"


async def test_neither_phone_nor_code_is_in_the_server_s_log(api: Api, place: Place) -> None:
    phone = "+84971000007"
    await resident(api, place, phone)
    code = await code_for(place, phone)
    logs = b"".join(file.read_bytes() for file in place.folder.glob("server-*.log"))
    assert logs
    assert b"971000007" not in logs
    assert code.encode() not in logs
