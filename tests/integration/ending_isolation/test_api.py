"""The end of an isolation through the API: what a station, a resident and anybody at a door ask."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from access.actor import ANONYMOUS, Actor
from graph.global_id import global_id
from models.account import Session
from models.database import service_connection
from models.declaration import Declaration
from models.identifier import uuid7
from services.problem import NotFound
from services.read_certificate import read_certificate
from services.runtime import Runtime
from tests.integration.ending_isolation.fetching import fetched
from tests.integration.ending_isolation.ill import Ill, ill, on_day
from tests.integration.graph.asking import Asking
from tests.integration.standing import changing

CASE = """
query ($id: ID!) { case(id: $id) { state allowedActions testOn releaseOn release { possible missing fromDay }
  releaseTests { result supervised verifiedAt verifiedBy { name } allowedActions }
  certificates { code state url allowedActions signedBy { name } case { id } } } }
"""
SEND = """
mutation ($input: SendReleaseTestInput!) { sendReleaseTest(input: $input) {
  __typename ... on ReleaseTestTaken { test { id } } ... on InvalidInput { fields { path code message } } } }
"""
VERIFY = """
mutation ($input: VerifyReleaseTestInput!) { verifyReleaseTest(input: $input) {
  __typename ... on ReleaseTestTaken { test { supervised } } } }
"""
RELEASE = """
mutation ($input: ReleaseCaseInput!) { releaseCase(input: $input) { __typename
  ... on CaseReleased { case { state } } ... on NotReleasable { missing fromDay message }
  ... on Conflict { reason } } }
"""
QUEUE = "{ certificates(states: [AWAITING_SIGNATURE]) { nodes { id version state allowedActions } } }"
SIGN = """
mutation ($input: SignCertificatesInput!) { signCertificates(input: $input) { __typename
  ... on CertificatesSigned { results { __typename ... on CertificateChanged { certificate { state code } } } } } }
"""
REVOKE = """
mutation ($input: RevokeCertificateInput!) { revokeCertificate(input: $input) { __typename
  ... on CertificateChanged { certificate { state revokedBy { name } } } } }
"""
MINE = "{ myCertificates { nodes { code state url declarationId } } }"
VERIFIED = "query ($code: String!) { verifyCertificate(code: $code) { validity station signedOn revokedOn } }"


async def signed_in(actor: Actor) -> Actor:
    """The same actor with a session that stands."""
    # Sessions are of real hours, and the clock of these tests stands in 2022.
    now = datetime.now(UTC)
    session = await Session.create(
        using_db=service_connection(),
        id=uuid7(),
        account_id=actor.account_id,
        phone_hash=actor.phone_hash,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    return replace(actor, session_id=session.id)


async def ended(runtime: Runtime, api: Asking, found: Ill) -> dict[str, Any]:
    """The story until the certificate waits; the case as its station sees it."""
    today = on_day(runtime, 7).isoformat()
    (declaration,) = await Declaration.filter(case_id=found.case.id).using_db(service_connection())
    sent = {
        "declarationId": global_id("Declaration", declaration.id),
        "kind": "rapid_antigen",
        "takenOn": today,
        "result": "NEGATIVE",
    }
    case_id = global_id("Case", found.case.id)
    refused = (await api.data(found.staff, RELEASE, {"input": {"id": case_id}}))["releaseCase"]
    assert (refused["__typename"], refused["missing"]) == ("NotReleasable", "NO_NEGATIVE_TEST")
    test = (await api.data(found.resident, SEND, {"input": sent}))["sendReleaseTest"]["test"]["id"]
    verified = await api.data(found.staff, VERIFY, {"input": {"id": test}})
    assert verified["verifyReleaseTest"]["test"] == {"supervised": True}
    before = (await api.data(found.staff, CASE, {"id": case_id}))["case"]
    assert before["release"] == {"possible": True, "missing": None, "fromDay": today}
    released = (await api.data(found.staff, RELEASE, {"input": {"id": case_id}}))["releaseCase"]
    assert released == {"__typename": "CaseReleased", "case": {"state": "COMPLETED"}}
    return dict((await api.data(found.staff, CASE, {"id": case_id}))["case"])


async def test_from_the_test_to_a_certificate_that_anybody_verifies(runtime: Runtime) -> None:
    api, found = Asking(runtime), await ill(runtime)
    case = await ended(runtime, api, found)
    assert (case["release"], case["releaseOn"], case["testOn"]) == (None, "2022-03-24", "2022-03-17")
    (waiting,) = (await api.data(found.head, QUEUE))["certificates"]["nodes"]
    assert waiting["allowedActions"] == ["SIGN"]
    assert (await api.data(found.staff, QUEUE))["certificates"]["nodes"][0]["allowedActions"] == []
    chosen = [{"id": waiting["id"], "version": waiting["version"]}, {"id": "bm9ib2R5"}]
    results = (await api.data(found.head, SIGN, {"input": {"certificates": chosen}}))["signCertificates"]["results"]
    assert [one["__typename"] for one in results] == ["CertificateChanged", "NotFound"]
    code = results[0]["certificate"]["code"]
    said = (await api.data(ANONYMOUS, VERIFIED, {"code": code}))["verifyCertificate"]
    assert (said["validity"], said["signedOn"], said["revokedOn"]) == ("VALID", "2022-03-24", None)
    revoked = await api.data(found.head, REVOKE, {"input": {"id": waiting["id"], "reason": "a wrong name"}})
    assert revoked["revokeCertificate"]["certificate"]["state"] == "REVOKED"
    assert (await api.data(ANONYMOUS, VERIFIED, {"code": code}))["verifyCertificate"]["validity"] == "REVOKED"


async def test_the_paper_is_fetched_by_its_resident_and_its_station_and_by_nobody_else(runtime: Runtime) -> None:
    api, found = Asking(runtime), await ill(runtime)
    await ended(runtime, api, found)
    resident, staff = await signed_in(found.resident), await signed_in(found.staff)
    (mine,) = (await api.data(resident, MINE))["myCertificates"]["nodes"]
    assert (mine["state"], mine["url"]) == ("AWAITING_SIGNATURE", None)
    (waiting,) = (await api.data(found.head, QUEUE))["certificates"]["nodes"]
    await api.data(found.head, SIGN, {"input": {"certificates": [{"id": waiting["id"]}]}})
    (mine,) = (await api.data(resident, MINE))["myCertificates"]["nodes"]
    case = (await api.data(staff, CASE, {"id": global_id("Case", found.case.id)}))["case"]
    # It was signed a moment ago and nobody has printed it yet: whoever comes first has it made.
    paper = await read_certificate(runtime, mine["url"].rpartition("/")[2], None, "test")
    assert (paper.data[:5], paper.name) == (b"%PDF-", f"{mine['code']}.pdf")
    again = await read_certificate(runtime, case["certificates"][0]["url"].rpartition("/")[2], None, "test")
    assert again.data == paper.data
    status, headers, body = await fetched(runtime, mine["url"])
    assert (status, headers[b"content-type"], body) == (200, b"application/pdf", paper.data)
    assert headers[b"cache-control"] == b"no-store"
    assert (await fetched(runtime, "/certificates/none"))[0] == 404
    async with changing() as connection:
        await Session.filter(id=resident.session_id).using_db(connection).delete()
    for ticket in (mine["url"].rpartition("/")[2], "x", ""):
        with pytest.raises(NotFound):
            await read_certificate(runtime, ticket, None, "test")
    on_day(runtime, 8)
    with pytest.raises(NotFound):
        await read_certificate(runtime, case["certificates"][0]["url"].rpartition("/")[2], None, "test")


async def test_what_cannot_be_is_said_field_by_field_in_the_caller_s_language(runtime: Runtime) -> None:
    api, found = Asking(runtime), await ill(runtime)
    on_day(runtime, 7)
    (declaration,) = await Declaration.filter(case_id=found.case.id).using_db(service_connection())
    sent = {
        "declarationId": global_id("Declaration", declaration.id),
        "kind": "rapid_antigen",
        "takenOn": "2022-03-16",
        "result": "NEGATIVE",
    }
    payload = await api.payload(found.resident, SEND, {"input": sent}, "vi")
    (fault,) = payload["data"]["sendReleaseTest"]["fields"]
    assert (fault["path"], fault["code"]) == ("takenOn", "BEFORE_FIRST_TEST")
    assert fault["message"] == "Không thể trước ngày xét nghiệm dương tính đầu tiên (17/03/2022)."
