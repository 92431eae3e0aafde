"""The end of an isolation: the test, the release, the head's signature, the paper, and who may say that it is valid."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from models.embedded import EmbeddedPostgres
from services.fall_due import fall_due
from tests.acceptance.asking import ask, conflict, do, refused
from tests.acceptance.client import Api
from tests.acceptance.conftest import MOMENT
from tests.acceptance.declaring import declare, person
from tests.acceptance.story import Story, telling, until

PHONE, STRANGER = "+84977000001", "+84977000002"
NAMES = ("Cao Thị Nhất", "Cao Thị Nhì", "Cao Thị Ba")
NEGATIVE = {"kind": "rapid_antigen", "takenOn": "2022-03-24", "result": "NEGATIVE"}
CASE = """
query ($id: ID!) { case(id: $id) { state version releaseOn release { possible missing fromDay } allowedActions
  releaseTests { id supervised verifiedBy { name } refusedAt allowedActions }
  certificates { id code state url allowedActions signedBy { name } } } }
"""
QUEUE = """
{ certificates(states: [AWAITING_SIGNATURE], first: 100) {
  nodes { id version allowedActions case { id person { name } } } } }
"""
MINE = "{ myCertificates { nodes { declarationId code state url signedAt } } }"
VERIFY = "query ($code: String!) { verifyCertificate(code: $code) { validity station signedOn revokedOn } }"
SIGNED = "certificate { id code state url signedBy { name } case { id state } }"
TEST = "test { id supervised verifiedAt refusedAt }"


@pytest.fixture(scope="module")
async def story(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """An installation for this story alone, which tells residents what became of them and knows few wrong codes."""
    limits = "declare_by_phone=100000 per 1 hour, certificate_by_address=6 per 1 hour"
    settings = {"KHAIBAO_LIMITS": limits, "KHAIBAO_SMS_RESIDENTS": "true"}
    async with telling(postgres, tmp_path_factory, "certificates", **settings) as one:
        yield one


@pytest.fixture(scope="module")
async def ill(story: Story) -> list[tuple[str, str, str]]:
    """Three of one household at home on the seventh day from their tests: declaration, case and name of each."""
    resident, nurse = await story.resident(PHONE), await story.acting("station")
    contact = {"phone": PHONE, "declaredBy": "Cao Văn Chủ"}
    declarations = (await declare(resident, *(person(fullName=name) for name in NAMES), contact=contact))[
        "declarations"
    ]
    for one in declarations:
        await do(nurse, "confirmCase", id=one["case"]["id"])
        await do(nurse, "recordContact", caseId=one["case"]["id"], outcome="REACHED")
    early = await refused(nurse, "releaseCase", "NotReleasable", id=declarations[0]["case"]["id"])
    assert (early["missing"], early["fromDay"]) == ("TOO_EARLY", "2022-03-24")
    await story.clock(MOMENT + timedelta(days=6))
    await story.sweep(fall_due)
    return [(one["id"], one["case"]["id"], name) for one, name in zip(declarations, NAMES, strict=True)]


async def case_of(api: Api, id: str) -> Any:
    """The case as somebody sees it."""
    return (await api.data(CASE, {"id": id}))["case"]


async def said_of(api: Api, code: str) -> Any:
    """What anybody is told of a code."""
    return (await api.data(VERIFY, {"code": code}))["verifyCertificate"]


async def test_a_test_counts_once_staff_has_seen_it_and_not_before(
    story: Story, ill: list[tuple[str, str, str]]
) -> None:
    resident, nurse = await story.resident(PHONE), await story.acting("station")
    (first, case, _), (second, other, _), (third, positive, _) = ill
    none = await refused(nurse, "releaseCase", "NotReleasable", id=case)
    assert none["missing"] == "NO_NEGATIVE_TEST"
    sent = (await do(resident, "sendReleaseTest", TEST, declarationId=first, **NEGATIVE))["test"]
    assert not sent["supervised"]
    assert (await do(resident, "sendReleaseTest", TEST, declarationId=first, **NEGATIVE))["test"] == sent
    await refused(await story.resident(STRANGER), "sendReleaseTest", "NotFound", declarationId=first, **NEGATIVE)
    unseen = await refused(nurse, "releaseCase", "NotReleasable", id=case)
    assert unseen["missing"] == "TEST_NOT_VERIFIED"
    await refused(await story.acting("neighbour"), "verifyReleaseTest", "NotFound", id=sent["id"])
    await do(nurse, "verifyReleaseTest", TEST, id=sent["id"])
    assert (await case_of(nurse, case))["release"] == {"possible": True, "missing": None, "fromDay": "2022-03-24"}
    # One that staff has seen and does not believe is none; one that staff has watched counts at once.
    blurred = (await do(resident, "sendReleaseTest", TEST, declarationId=second, **NEGATIVE))["test"]["id"]
    wrong = await refused(nurse, "refuseReleaseTest", "InvalidInput", id=blurred, reason=" ")
    assert [fault["path"] for fault in wrong["fields"]] == ["reason"]
    await do(nurse, "refuseReleaseTest", id=blurred, reason="Không đọc được kết quả")
    assert (await refused(nurse, "releaseCase", "NotReleasable", id=other))["missing"] == "NO_NEGATIVE_TEST"
    watched = (await do(nurse, "recordReleaseTest", TEST, caseId=other, **NEGATIVE))["test"]
    assert watched["supervised"]
    # Whoever is still positive stays at home, and is told until when.
    await do(nurse, "recordReleaseTest", caseId=positive, **{**NEGATIVE, "result": "POSITIVE"})
    still = await case_of(nurse, positive)
    assert (still["state"], still["release"]["possible"], still["releaseOn"]) == ("HOME_ISOLATION", False, "2022-03-31")
    assert (await refused(nurse, "releaseCase", "NotReleasable", id=positive))["fromDay"] == "2022-03-31"
    early = {**NEGATIVE, "takenOn": "2022-03-16", "declarationId": third}
    wrong = await refused(resident, "sendReleaseTest", "InvalidInput", **early)
    assert [fault["path"] for fault in wrong["fields"]] == ["takenOn"]


async def test_no_certificate_is_there_for_a_case_that_is_not_over(
    story: Story, ill: list[tuple[str, str, str]]
) -> None:
    nurse, chief = await story.acting("station"), await story.acting("chief")
    _, positive, _ = ill[2]
    wrong = await conflict(nurse, "renewCertificate", "WRONG_STATE", caseId=positive)
    assert (wrong["state"], "RELEASE" in wrong["allowed"]) == ("HOME_ISOLATION", True)
    await refused(chief, "signCertificate", "NotFound", id=positive)
    assert (await case_of(nurse, positive))["certificates"] == []
    assert (await chief.data(QUEUE))["certificates"]["nodes"] == []


async def test_the_head_signs_many_at_once_and_a_nurse_none(story: Story, ill: list[tuple[str, str, str]]) -> None:
    nurse, chief = await story.acting("station"), await story.acting("chief")
    for _, case, _ in ill[:2]:
        await do(nurse, "releaseCase", id=case)
    waiting = (await chief.data(QUEUE))["certificates"]["nodes"]
    assert [(one["case"]["person"]["name"], one["allowedActions"]) for one in waiting] == [
        (name, ["SIGN"]) for name in NAMES[:2]
    ]
    chosen = [{"id": one["id"], "version": one["version"]} for one in waiting]
    assert [one["allowedActions"] for one in (await nurse.data(QUEUE))["certificates"]["nodes"]] == [[], []]
    await refused(nurse, "signCertificate", "NotFound", **chosen[0])
    wrong = await refused(chief, "signCertificates", "InvalidInput", certificates=[chosen[0]] * 301)
    assert "300" in wrong["fields"][0]["message"]
    given = [{**chosen[0], "version": 9}, chosen[1], {"id": "bm90aGluZw=="}]
    results = (await do(chief, "signCertificates", SIGNED, certificates=given))["results"]
    assert [one["__typename"] for one in results] == ["Conflict", "CertificateChanged", "NotFound"]
    assert results[0]["reason"] == "STALE_VERSION"
    assert results[1]["certificate"]["case"]["state"] == "CERTIFIED"
    results = (await do(chief, "signCertificates", SIGNED, certificates=chosen))["results"]
    assert [one["certificate"]["state"] for one in results] == ["SIGNED", "SIGNED"]
    assert (await chief.data(QUEUE))["certificates"]["nodes"] == []


async def test_the_paper_is_its_family_s_and_its_station_s_and_its_signature_holds(
    story: Story, ill: list[tuple[str, str, str]]
) -> None:
    await story.clock(MOMENT + timedelta(days=6, minutes=10))
    resident, nurse = await story.resident(PHONE), await story.acting("station")

    async def ready() -> Any:
        nodes = (await resident.data(MINE))["myCertificates"]["nodes"]
        return nodes if len([one for one in nodes if one["url"]]) == 2 else None

    papers = {one["declarationId"]: one for one in await until(ready)}
    declaration, case, name = ill[0]
    own = papers[declaration]
    theirs = (await case_of(nurse, case))["certificates"][0]
    assert theirs["code"] == own["code"]
    reply = await story.api.get(own["url"])
    said = {key.lower(): value for key, value in reply.headers.items()}
    assert (reply.status, said["content-type"], said["cache-control"]) == (200, "application/pdf", "no-store")
    assert (await story.api.get(theirs["url"])).body == reply.body
    await signature_holds(reply.body)
    assert len(PdfFileReader(BytesIO(reply.body)).root["/Pages"]["/Kids"]) == 1
    # Nobody else is given it: not another resident, another ward, or whoever guesses at the address.
    stranger = await story.resident(STRANGER)
    assert (await stranger.data(MINE))["myCertificates"]["nodes"] == []
    assert (await (await story.acting("neighbour")).ask(CASE, {"id": case})).code == "NOT_FOUND"
    assert (await story.api.get(own["url"][:-4] + "AAAA")).status == 404
    # The address is good for minutes; the next look asks anew.
    await story.clock(MOMENT + timedelta(days=6, minutes=20))
    assert (await story.api.get(own["url"])).status == 404
    texts = story.texts(PHONE)
    assert texts
    assert not [one for one in texts for part in name.split() if part in one.split()]


async def signature_holds(pdf: bytes) -> None:
    """A reader that trusts the authority finds nothing changed."""
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    root = next(one for one in signature.other_embedded_certs if one.self_issued)
    status = await async_validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))
    assert status.intact
    assert status.valid
    assert status.bottom_line


async def test_anybody_learns_whether_it_is_valid_and_whose_it_is_from_nobody(
    story: Story, ill: list[tuple[str, str, str]]
) -> None:
    await story.clock(MOMENT + timedelta(days=6, minutes=30))
    nurse, chief = await story.acting("station"), await story.acting("chief")
    resident = await story.resident(PHONE)
    declaration, case, _ = ill[0]
    shown = (await case_of(chief, case))["certificates"][0]
    valid = await said_of(story.api, shown["code"])
    assert (valid["validity"], valid["signedOn"], valid["revokedOn"]) == ("VALID", "2022-03-24", None)
    assert valid["station"].startswith("Trạm Y tế")
    assert await said_of(story.api, shown["code"].lower().replace("-", " ")) == valid
    url = shown["url"]
    assert (await story.api.get(url)).status == 200

    wrong = await refused(chief, "revokeCertificate", "InvalidInput", id=shown["id"], reason="")
    assert [fault["path"] for fault in wrong["fields"]] == ["reason"]
    revoked = await do(chief, "revokeCertificate", SIGNED, id=shown["id"], reason="Sai ngày sinh")
    assert (revoked["certificate"]["state"], revoked["certificate"]["case"]["state"]) == ("REVOKED", "COMPLETED")
    assert (await said_of(story.api, shown["code"]))["validity"] == "REVOKED"
    # From now on it is given to nobody, not even by an address that was good a moment ago.
    assert (await story.api.get(url)).status == 404
    assert (await case_of(nurse, case))["certificates"][0]["url"] is None
    mine = (await resident.data(MINE))["myCertificates"]["nodes"]
    assert [(one["state"], one["url"]) for one in mine if one["code"] == shown["code"]] == [("REVOKED", None)]
    wrong = await conflict(chief, "signCertificate", "WRONG_STATE", id=shown["id"])
    assert (wrong["state"], wrong["allowed"]) == ("REVOKED", [])
    # Another one is asked for, with a code of its own.
    renewed = (await do(nurse, "renewCertificate", "certificate { id code state }", caseId=case))["certificate"]
    assert (renewed["state"], renewed["code"] != shown["code"]) == ("AWAITING_SIGNATURE", True)
    assert (await said_of(story.api, renewed["code"]))["validity"] == "UNKNOWN"
    wrong = await conflict(chief, "revokeCertificate", "WRONG_STATE", id=renewed["id"], reason="Sai")
    assert (wrong["state"], wrong["allowed"]) == ("AWAITING_SIGNATURE", ["SIGN"])
    await do(chief, "signCertificate", id=renewed["id"])
    assert (await said_of(story.api, renewed["code"]))["validity"] == "VALID"
    assert declaration in [one["declarationId"] for one in (await resident.data(MINE))["myCertificates"]["nodes"]]


async def test_whoever_guesses_at_codes_is_slowed_down(story: Story, ill: list[tuple[str, str, str]]) -> None:
    chief = await story.acting("chief")
    code = (await case_of(chief, ill[1][1]))["certificates"][0]["code"]
    unknown = {"validity": "UNKNOWN", "station": None, "signedOn": None, "revokedOn": None}
    guesses = ("AAAA-BBBB-CCCC", "", "'; --", "💥" * 40, "x" * 5000, code[:-1], "ACDE-FGHJ-KMNP-RTVW")
    for guess in guesses:
        reply = await story.api.ask(VERIFY, {"code": guess})
        if "errors" in reply.json:
            break
        assert reply.data["verifyCertificate"] == unknown
    assert reply.code == "RATE_LIMITED"
    assert reply.json["errors"][0]["extensions"]["retryAfter"] > 0
    # A real one reads no worse for having come from the same place: it waits as well, and says for how long.
    assert (await story.api.ask(VERIFY, {"code": code})).code == "RATE_LIMITED"
    assert (await ask(chief, "signCertificate", id="nothing"))["code"] == "NOT_FOUND"
