"""A certificate is signed by the head, becomes a paper that is whole and the installation's, and can be taken back."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from access.actor import ANONYMOUS
from alerts.gateways import Gateways
from alerts.mail import Mail
from alerts.relay import Relay
from documents.press import Press
from documents.signatory import NoSignatory
from documents.signing import FIELD
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.case_event import CaseEvent
from models.certificate import Certificate
from models.database import service_connection, service_transaction
from models.declaration import Declaration, Submission
from models.outbox_message import OutboxMessage
from models.state import CaseEventKind, CaseState, CertificateState, MessageKind, Role
from services.anonymise import anonymise
from services.certificate_code import new_certificate_code, read_certificate_code
from services.change_cases import Chosen
from services.list_certificates import list_certificates, own_certificates
from services.operation import Operation
from services.print_certificates import key_place, print_certificates, verification_url
from services.problem import Conflict, InvalidInput, NotFound
from services.record_release_test import record_release_test
from services.release_case import release_case
from services.revoke_certificate import renew_certificate, revoke_certificate
from services.runtime import Runtime
from services.sign_certificates import sign_certificate, sign_certificates
from services.stored_object import get
from services.verify_certificate import Validity, verify_certificate
from tests.integration.ending_isolation.ill import NEGATIVE, Ill, ill, now_is, on_day
from tests.integration.made import account, wards
from tests.integration.sending import Gateway

RAPID = "rapid_antigen"


async def released(runtime: Runtime, *, phone: str = "0912345678", email: str | None = None) -> tuple[Ill, Certificate]:
    """Somebody whose isolation is over, and the certificate that waits."""
    on_day(runtime, 1)
    found = await ill(runtime, phone=phone, email=email)
    today = on_day(runtime, 7)
    await record_release_test(runtime, found.staff, found.case.id, RAPID, today, NEGATIVE)
    await release_case(runtime, found.staff, found.case.id)
    return found, await Certificate.get(case_id=found.case.id, using_db=service_connection())


async def stands(certificate: Certificate) -> Certificate:
    return await Certificate.get(id=certificate.id, using_db=service_connection())


async def paper(runtime: Runtime, certificate: Certificate) -> bytes:
    row = await stands(certificate)
    assert row.object_key is not None
    assert row.data_key is not None
    return await get(runtime, key_place(row.id), row.object_key, row.data_key)


async def test_the_head_signs_and_the_paper_follows(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    assert (await verify_certificate(runtime, None, certificate.code)).validity is Validity.UNKNOWN
    signed = await sign_certificate(runtime, found.head, certificate.id, certificate.version)
    assert (signed.state, signed.signed_by) == (CertificateState.SIGNED, found.head.account_id)
    assert (await now_is(found.case)).state == CaseState.CERTIFIED
    again = await sign_certificate(runtime, found.head, certificate.id)
    assert again.version == signed.version == certificate.version + 1
    assert await print_certificates(runtime) == 1
    assert await print_certificates(runtime) == 0
    pdf = PdfFileReader(BytesIO(await paper(runtime, certificate)))
    assert [signature.field_name for signature in pdf.embedded_signatures] == [FIELD]
    said = await verify_certificate(runtime, None, certificate.code.lower().replace("-", " "))
    assert (said.validity, str(said.signed_on)) == (Validity.VALID, "2022-03-24")
    assert said.station is not None
    total = await AreaCount.get(area_no=found.case.area_no, day=ALL_DAYS, using_db=service_connection())
    assert (total.active, total.completed) == (0, 1)


async def test_nobody_but_the_head_of_the_ward_signs(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    other = await account(runtime, Role.STATION_HEAD, (await wards(2))[1])
    for actor in (found.staff, other, found.resident, ANONYMOUS):
        with pytest.raises(NotFound):
            await sign_certificate(runtime, actor, certificate.id)
    assert (await stands(certificate)).state == CertificateState.AWAITING_SIGNATURE


async def test_a_stale_look_and_a_second_head_are_told(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await sign_certificate(runtime, found.head, certificate.id, certificate.version + 7)
    second = await account(runtime, Role.STATION_HEAD, found.ward)
    both = await asyncio.gather(
        *(sign_certificate(runtime, head, certificate.id) for head in (found.head, second)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["Certificate", "Conflict"]
    events = CaseEvent.filter(case_id=found.case.id, kind=CaseEventKind.CERTIFIED).using_db(service_connection())
    assert await events.count() == 1


async def test_many_are_signed_in_one_call_each_with_its_own_answer(runtime: Runtime) -> None:
    made = [await released(runtime, phone=f"09123457{number:02}") for number in range(4)]
    found = made[0][0]
    head = found.head
    await sign_certificate(runtime, made[1][0].head, made[1][1].id)
    chosen = [Chosen(certificate.id) for _, certificate in made]
    chosen.insert(2, Chosen(found.case.id))
    chosen[3] = replace(chosen[3], version=99)
    answers = await sign_certificates(runtime, head, [*chosen, chosen[0]])
    names = [type(one).__name__ for one in answers]
    assert names == ["Certificate", "Conflict", "NotFound", "Conflict", "Certificate", "Certificate"]
    assert await print_certificates(runtime) == 3
    for number in (0, 301):
        with pytest.raises(InvalidInput):
            await sign_certificates(runtime, head, chosen[:1] * number)


async def test_processes_that_print_at_once_make_each_paper_once(runtime: Runtime) -> None:
    made = [await released(runtime, phone=f"09123458{number:02}") for number in range(3)]
    head = made[0][0].head
    await sign_certificates(runtime, head, [Chosen(certificate.id) for _, certificate in made])
    assert sum(await asyncio.gather(*(print_certificates(runtime) for _ in range(3)))) == 3


async def test_a_key_that_cannot_be_used_keeps_no_head_waiting(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise NoSignatory("the card is not in")

    found, certificate = await released(runtime)
    monkeypatch.setattr(runtime, "press", Press(broken))  # type: ignore[arg-type]  # it gives nobody at all
    assert (await sign_certificate(runtime, found.head, certificate.id)).state == CertificateState.SIGNED
    assert await print_certificates(runtime) == 0
    monkeypatch.setattr(runtime, "press", Press())
    # Until the claim is over: a minute of real time, which somebody else's process might still be at work in.
    await Certificate.filter(id=certificate.id).using_db(service_connection()).update(printing_until=None)
    assert await print_certificates(runtime) == 1


async def test_the_one_that_waits_is_found_also_when_the_clock_was_moved_back_meanwhile(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    await sign_certificate(runtime, found.head, certificate.id)
    await revoke_certificate(runtime, found.head, certificate.id, "the name was misspelt")
    runtime.clock.follow(runtime.clock.now() - timedelta(days=1), timedelta())
    another = await renew_certificate(runtime, found.staff, found.case.id)
    assert another.asked_at < certificate.asked_at
    assert (await renew_certificate(runtime, found.staff, found.case.id)).id == another.id


async def test_a_revoked_one_is_told_of_and_another_can_be_asked_for(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    await sign_certificate(runtime, found.head, certificate.id)
    with pytest.raises(Conflict, match="WRONG_STATE"):
        await renew_certificate(runtime, found.staff, found.case.id)
    with pytest.raises(InvalidInput):
        await revoke_certificate(runtime, found.head, certificate.id, "  ")
    revoked = await revoke_certificate(runtime, found.head, certificate.id, "the name was misspelt")
    assert revoked.state == CertificateState.REVOKED
    assert (await revoke_certificate(runtime, found.head, certificate.id, "again")).version == revoked.version
    assert (await now_is(found.case)).state == CaseState.COMPLETED
    said = await verify_certificate(runtime, None, certificate.code)
    assert (said.validity, said.revoked_on) == (Validity.REVOKED, said.signed_on)
    assert await print_certificates(runtime) == 0
    another = await renew_certificate(runtime, found.staff, found.case.id)
    assert (another.state, another.code != certificate.code) == (CertificateState.AWAITING_SIGNATURE, True)
    assert (await renew_certificate(runtime, found.staff, found.case.id)).id == another.id
    await sign_certificate(runtime, found.head, another.id)
    assert (await verify_certificate(runtime, None, another.code)).validity is Validity.VALID
    total = await AreaCount.get(area_no=found.case.area_no, day=ALL_DAYS, using_db=service_connection())
    assert (total.active, total.completed) == (0, 1)


async def test_the_paper_goes_to_the_address_of_a_proven_phone_alone(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "residents_told", True)
    proven, one = await released(runtime, phone="0912345601", email="vy@example.vn")
    other, two = await released(runtime, phone="0912345602", email="stranger@example.vn")
    await Declaration.filter(case_id=other.case.id).using_db(service_connection()).update(verified=False)
    (declaration,) = await Declaration.filter(case_id=other.case.id).using_db(service_connection())
    await Submission.filter(id=declaration.submission_id).using_db(service_connection()).update(verified=False)
    await sign_certificates(runtime, proven.head, [Chosen(one.id), Chosen(two.id)])
    assert await print_certificates(runtime) == 2
    letters = await OutboxMessage.filter(kind=MessageKind.CERTIFICATE).using_db(service_connection())
    opened = [(letter, runtime.sealer.open(f"outbox:{letter.id}", letter.sealed)) for letter in letters]
    mailed = [said for _, said in opened if "@" in str(said["to"])]
    assert [said["to"] for said in mailed] == ["vy@example.vn"]
    assert one.code in str(mailed[0]["body"])
    assert dict(mailed[0]["attached"])["name"] == f"{one.code}.pdf"  # type: ignore[call-overload]  # JSON, as it was sealed
    # By text both are told that it is signed.
    assert len(letters) == 3
    texts, mails = Gateway(), Gateway()
    sending = Relay(service_connection, runtime.sealer, Gateways([texts]), runtime.clock.now, mail=Gateways([mails]))
    while await sending.send_due():
        pass
    (sent,) = mails.taken
    assert isinstance(sent, Mail)
    assert sent.attached is not None
    assert (sent.to, sent.attached.data) == ("vy@example.vn", await paper(runtime, one))
    assert "vy@example.vn" not in {text.to for text in texts.taken}


async def test_the_queue_is_an_area_s_own_and_pages_from_the_oldest(runtime: Runtime) -> None:
    made = [await released(runtime, phone=f"09123459{number:02}") for number in range(3)]
    head = made[0][0].head
    waiting = [CertificateState.AWAITING_SIGNATURE]
    oldest = sorted((certificate for _, certificate in made), key=lambda one: (one.asked_at, one.id))
    async with Operation(head).reading() as connection:
        page = await list_certificates(head, connection, None, waiting, 2)
        rest = await list_certificates(head, connection, None, waiting, 2, page.cursors[-1])
        assert [row.id for row in (*page.items, *rest.items)] == [one.id for one in oldest]
        assert (page.has_next, rest.has_next) == (True, False)
        assert not (await list_certificates(head, connection, None, [CertificateState.SIGNED])).items
    other = await account(runtime, Role.STATION_HEAD, (await wards(2))[1])
    async with Operation(other).reading() as connection:
        assert not (await list_certificates(other, connection)).items
        with pytest.raises(NotFound):
            await list_certificates(other, connection, made[0][0].ward.id)


async def test_a_resident_finds_the_certificate_of_what_their_phone_declared(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    mine = (await own_certificates(found.resident)).items
    assert [(row.id, row.state) for row, _ in mine] == [(certificate.id, CertificateState.AWAITING_SIGNATURE)]
    assert (await own_certificates(found.resident, mine[0][1])).items == mine
    neighbour = replace(found.resident, phone_hash=runtime.pseudonymiser.phone("+84987654321"))
    assert (await own_certificates(neighbour)).items == []
    with pytest.raises(NotFound):
        await own_certificates(found.staff)


async def test_what_no_code_can_be_is_unknown(runtime: Runtime) -> None:
    for code in ("", "x" * 5_000, "0000-0000-0000-0000", "\0", new_certificate_code()):
        assert (await verify_certificate(runtime, None, code)).validity is Validity.UNKNOWN


def test_a_code_is_read_as_it_is_typed_and_a_slip_is_found() -> None:
    for _ in range(50):
        code = new_certificate_code()
        assert read_certificate_code(f" {code.lower()} ".replace("-", "")) == code
        wrong = ("A" if code[0] != "A" else "C") + code[1:]
        assert read_certificate_code(wrong) is None


def test_the_code_leads_to_the_installation_s_page(house: Runtime) -> None:
    public = replace(house, wording=replace(house.wording, public_url="https://kb.example/"))
    assert verification_url(public, "ACDE") == "https://kb.example/c/ACDE"
    assert verification_url(house, "ACDE") == "ACDE"


async def test_an_erased_person_s_paper_can_be_read_by_nobody(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    await sign_certificate(runtime, found.head, certificate.id)
    await print_certificates(runtime)
    async with service_transaction() as connection:
        await anonymise(runtime, connection, [found.case.id], runtime.clock.now())
    row = await stands(certificate)
    assert (bytes(row.content), row.data_key) == (b"", None)
    assert (await verify_certificate(runtime, None, certificate.code)).validity is Validity.VALID
    assert isinstance(await now_is(found.case), Case)
