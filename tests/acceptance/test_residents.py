"""Residents see, claim and take along what they have declared, and the department erases; over a real server."""

import asyncio
import sys
from typing import Any

import orjson

from tests.acceptance.client import Api
from tests.acceptance.conftest import ROOT, Place
from tests.acceptance.declaring import breathless, declare, person
from tests.acceptance.test_verification import resident

MINE = "{ myDeclarations { nodes { id reported { fullName } case { state } } } }"
EXPORT = "{ exportMyData { declarations { receiptCode } looks { action role } json } }"
CLAIM = """
mutation ($code: String!) {
  claimReceipt(input: {code: $code}) {
    __typename
    ... on ReceiptClaimed { declarations { reported { fullName } } }
    ... on Problem { code message }
  }
}
"""
ERASE = """
mutation ($id: ID!) {
  erasePerson(input: {caseId: $id, reason: "Người dân yêu cầu xóa"}) {
    __typename
    ... on PersonErased { cases { id anonymisedAt person { name } } }
    ... on Conflict { reason }
  }
}
"""
SETTLE = "mutation ($id: ID!) { acknowledgeAlert(input: {id: $id}) { __typename } }"


async def names(api: Api) -> list[str]:
    """Whom the resident has declared, newest first."""
    return [one["reported"]["fullName"] for one in (await api.data(MINE))["myDeclarations"]["nodes"]]


async def claim(api: Api, code: str) -> Any:
    """What claiming answers."""
    return (await api.data(CLAIM, {"code": code}))["claimReceipt"]


async def test_a_proven_phone_declares_sees_it_and_takes_it_along(api: Api, place: Place, station: Api) -> None:
    proven = await resident(api, place, "+84972000001")
    receipt = await declare(proven, person(fullName="Nguyễn Văn An"), contact=contact("0972000001"))
    assert await names(proven) == ["Nguyễn Văn An"]
    await station.data("query ($id: ID!) { case(id: $id) { person { name } } }", {"id": case_of(receipt)})
    data = (await proven.data(EXPORT))["exportMyData"]
    assert data["declarations"] == [{"receiptCode": receipt["code"]}]
    assert {"action": "see_case", "role": "STATION_STAFF"} in data["looks"]
    document = orjson.loads(data["json"])
    assert document["declarations"][0]["report"]["full_name"] == "Nguyễn Văn An"


async def test_what_was_declared_before_the_code_came_is_claimed_by_its_phone_alone(api: Api, place: Place) -> None:
    receipt = await declare(api, person(fullName="Lê Thị Ba"), contact=contact("0972000002"))
    other = await resident(api, place, "+84972000003")
    refused = await claim(other, receipt["code"])
    assert refused["__typename"] == "NotFound"
    assert refused == await claim(other, "34679-ACDEF")
    assert (await api.ask(CLAIM, {"code": receipt["code"]})).code == "UNAUTHENTICATED"
    proven = await resident(api, place, "+84972000002")
    assert await names(proven) == []
    assert (await claim(proven, receipt["code"]))["declarations"] == [{"reported": {"fullName": "Lê Thị Ba"}}]
    assert await names(proven) == ["Lê Thị Ba"]
    assert await names(other) == []


async def test_an_erased_person_is_gone_for_everybody_and_still_counted(
    api: Api, place: Place, station: Api, tokens: dict[str, str]
) -> None:
    proven = await resident(api, place, "+84972000004")
    receipt = await declare(proven, breathless(fullName="Phạm Thị Tư"), contact=contact("0972000004"))
    department, id = api.acting(tokens["department"]), case_of(receipt)
    counted = await department.data("{ areaSummary { declared severe } }")
    assert (await department.data(ERASE, {"id": id}))["erasePerson"] == {
        "__typename": "Conflict",
        "reason": "WRONG_STATE",
    }
    case = (await station.data("query ($id: ID!) { case(id: $id) { alerts { id } } }", {"id": id}))["case"]
    await station.data(SETTLE, {"id": case["alerts"][0]["id"]})
    (erased,) = (await department.data(ERASE, {"id": id}))["erasePerson"]["cases"]
    assert (erased["id"], erased["person"]) == (id, None)
    assert erased["anonymisedAt"]
    # Nothing else was of this phone: it is signed out, and its receipt is of nobody.
    assert (await proven.ask(MINE)).code == "UNAUTHENTICATED"
    status = await api.ask("query ($code: String!) { receipt(code: $code) { state } }", {"code": receipt["code"]})
    assert status.code == "NOT_FOUND"
    assert await department.data("{ areaSummary { declared severe } }") == counted


async def test_the_command_says_how_much_is_too_old_and_does_it(server: str, place: Place) -> None:
    assert orjson.loads(await khaibao(place, "retention", "run", "--dry-run", "--json")) == {
        "closed": 0,
        "never_closed": 0,
    }
    assert orjson.loads(await khaibao(place, "retention", "run", "--json")) == {
        "cases": 0,
        "submissions": 0,
        "busy": False,
    }
    assert "0 cases and 0 submissions" in await khaibao(place, "retention", "run")


async def khaibao(place: Place, *arguments: str) -> str:
    """What the command prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", *arguments),
        cwd=ROOT,
        env=place.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaint = await process.communicate()
    assert process.returncode == 0, complaint
    return printed.decode()


def contact(phone: str) -> dict[str, str]:
    """How a household is reached."""
    return {"phone": phone, "declaredBy": "Trần Văn Chủ"}


def case_of(receipt: Any) -> str:
    """The id of the case of a receipt's one person."""
    id: str = receipt["declarations"][0]["case"]["id"]
    return id
