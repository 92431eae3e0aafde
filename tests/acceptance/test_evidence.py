"""Photos over a real server: uploaded as files, declared, looked at in a browser's way, and refused in words."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import orjson
import pytest

from tests.acceptance.client import Api, Reply
from tests.acceptance.conftest import Place
from tests.acceptance.declaring import breathless, declare, person
from tests.acceptance.test_verification import resident
from tests.integration.test_photo_desk import HEIC, bomb, jpeg, opened

TICKET = """
mutation ($kind: EvidenceKind!) {
  requestUpload(input: {kind: $kind}) {
    __typename
    ... on UploadTicket { evidenceId url ticket expiresAt mostBytes formats }
    ... on Problem { code message }
  }
}
"""
ATTACH = """
mutation ($declaration: ID, $case: ID, $evidence: [ID!]!) {
  attachEvidence(input: {declarationId: $declaration, caseId: $case, evidence: $evidence}) {
    __typename
    ... on EvidenceAttached { evidence { id kind width height url } }
    ... on InvalidInput { fields { path code message } }
    ... on Problem { code message }
  }
}
"""
PHOTOS = "query ($id: ID!) { case(id: $id) { evidence { id kind size width height url } } }"
SENT = "{ myDeclarations { nodes { evidence { id kind url } } } }"
MOST = 10 * 1024 * 1024


async def ticket(api: Api, kind: str = "TEST") -> Any:
    """A ticket to upload a photo with."""
    return (await api.data(TICKET, {"kind": kind}))["requestUpload"]


async def upload(api: Api, ticket: str, data: bytes | AsyncIterator[bytes], **headers: str) -> Reply:
    """Sends a file."""
    sent = {"authorization": f"Bearer {ticket}", **headers}
    body = BytesIO(data) if isinstance(data, bytes) else data
    async with api.session.post(f"{api.url}/uploads", data=body, headers=sent) as response:
        return Reply(response.status, dict(response.headers), await response.read())


async def uploaded(api: Api, data: bytes) -> str:
    """The id of a photo that was uploaded."""
    made = await ticket(api)
    reply = await upload(api, made["ticket"], data)
    assert (reply.status, reply.json["evidence"]) == (201, made["evidenceId"])
    return str(made["evidenceId"])


async def test_a_photo_is_uploaded_declared_and_looked_at_by_the_station_alone(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    made = await ticket(api)
    assert (made["url"], made["mostBytes"]) == ("/uploads", MOST)
    sent = jpeg((1200, 900), orientation=6)
    first = await upload(api, made["ticket"], sent)
    again = await upload(api, made["ticket"], sent)
    assert (first.status, again.status, again.json) == (201, 200, first.json)
    assert first.json["width"] == 900
    receipt = await declare(api, person(evidence=[made["evidenceId"], await uploaded(api, HEIC.read_bytes())]))
    assert receipt["__typename"] == "Receipt"
    case = receipt["declarations"][0]["case"]["id"]
    shown = (await station.data(PHOTOS, {"id": case}))["case"]["evidence"]
    assert {(one["kind"], one["width"], one["height"]) for one in shown} == {("TEST", 900, 1200), ("TEST", 96, 64)}
    url = next(one["url"] for one in shown if one["id"] == made["evidenceId"])
    picture = await api.get(url)
    said = {name.lower(): value for name, value in picture.headers.items()}
    assert (picture.status, said["content-type"]) == (200, "image/jpeg")
    assert said["cache-control"] == "no-store"
    assert "sandbox" in said["content-security-policy"]
    assert opened(picture.body).size == (900, 1200)
    assert b"lanted" not in picture.body
    assert not dict(opened(picture.body).getexif())
    for other in ("neighbour", "committee"):
        assert (await api.acting(tokens[other]).ask(PHOTOS, {"id": case})).code == "NOT_FOUND"
    assert (await api.get(url[:-4] + "AAAA")).status == 404
    assert (await api.get("/evidence/nothing")).code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"Kh\xc3\xb4ng ph\xe1\xba\xa3i \xe1\xba\xa3nh\n" * 100, 415, "NOT_AN_IMAGE"),
        (b"", 415, "NOT_AN_IMAGE"),
        (bomb(), 422, "IMAGE_TOO_LARGE"),
        (jpeg((800, 600))[:2000], 422, "IMAGE_DAMAGED"),
        (b"\xff\xd8\xff" + bytes(MOST - 2), 413, "TOO_LARGE"),
    ],
    ids=["text", "nothing", "bomb", "truncated", "ten megabytes and a byte"],
)
async def test_what_is_no_photo_is_refused_in_words(api: Api, data: bytes, status: int, code: str) -> None:
    made = await ticket(api)
    reply = await upload(api, made["ticket"], data, **{"content-type": "image/jpeg", "accept-language": "vi"})
    assert (reply.status, reply.code) == (status, code)
    assert reply.json["errors"][0]["message"]
    # The ticket is as good as before.
    assert (await upload(api, made["ticket"], jpeg())).status == 201
    assert (await upload(api, made["ticket"], jpeg((32, 32)))).code == "TICKET_USED"


async def test_a_file_without_a_ticket_or_a_length_is_refused(api: Api, station: Api) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield jpeg()

    made = await ticket(api)
    assert (await upload(api, made["ticket"], parts())).code == "LENGTH_REQUIRED"
    for wrong in ("", "made-up", made["ticket"][:-1], station.token or ""):
        reply = await upload(api, wrong, jpeg())
        assert (reply.status, reply.code) == (401, "TICKET_OVER")


async def test_somebody_who_is_in_danger_waits_for_no_photo_and_adds_it_later(api: Api, place: Place) -> None:
    proven = await resident(api, place, "+84973000001")
    contact = {"phone": "0973000001", "declaredBy": "Trần Văn Chủ"}
    receipt = await declare(proven, breathless(), contact=contact)
    declaration = receipt["declarations"][0]["id"]
    photo = await uploaded(proven, jpeg())
    given = {"declaration": declaration, "evidence": [photo]}
    for _ in range(2):
        added = (await proven.data(ATTACH, given))["attachEvidence"]
        assert [(one["id"], one["url"]) for one in added["evidence"]] == [(photo, None)]
    assert [len(one["evidence"]) for one in (await proven.data(SENT))["myDeclarations"]["nodes"]] == [1]
    stranger = await resident(api, place, "+84973000002")
    for other in (stranger, api):
        assert (await other.data(ATTACH, given))["attachEvidence"]["code"] == "NOT_FOUND"
    wrong = {"declaration": declaration, "evidence": [photo, "bm8"]}
    [fault] = (await proven.data(ATTACH, wrong))["attachEvidence"]["fields"]
    assert (fault["path"], fault["code"]) == ("evidence.1", "UNKNOWN_EVIDENCE")


async def test_photos_that_are_not_there_are_faults_of_the_form(api: Api) -> None:
    used = await uploaded(api, jpeg())
    await declare(api, person(evidence=[used]))
    wanted = [used, (await ticket(api))["evidenceId"], "not-an-id", "VXNlcjox"]
    answer = await declare(api, person(evidence=wanted))
    assert answer["__typename"] == "InvalidInput"
    assert [(fault["path"], fault["code"]) for fault in answer["fields"]] == [
        (f"people.0.evidence.{place}", "UNKNOWN_EVIDENCE") for place in range(4)
    ]
    twice = await declare(api, person(evidence=[used, used]))
    assert [(fault["path"], fault["code"]) for fault in twice["fields"]] == [("people.0.evidence.1", "NAMED_TWICE")]


async def test_the_body_of_a_form_is_no_photo(api: Api) -> None:
    made = await ticket(api)
    assert (await upload(api, made["ticket"], orjson.dumps({"photo": "x" * 100}))).code == "NOT_AN_IMAGE"
