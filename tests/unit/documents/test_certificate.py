"""The paper: typeset alike everywhere, signed so that a change shows, and said to be by whom it is."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from asn1crypto import x509  # type: ignore[import-untyped]  # it ships no types
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from documents.authority import demo_signatory, open_signatory
from documents.certificate import CertificateWords, picture, typeset
from documents.press import Press
from documents.signatory import NoSignatory, Signatory
from documents.signing import FIELD

WORDS = CertificateWords(
    code="ACDE-FGHJ-KMNP-RTVW",
    name="Nguyễn Hoàng Phương Thảo Vy",
    birth="1950",
    area="Phường Nguyễn Cư Trinh, Quận 1, Thành phố Hồ Chí Minh",
    issuer="Trạm Y tế Phường Nguyễn Cư Trinh",
    disease="COVID-19",
    test_on=date(2022, 3, 17),
    released_on=date(2022, 3, 24),
    signer="Trần Thị Ngọc Ánh",
    signed_at=datetime(2022, 3, 24, 10, 5, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
    url="https://kb.hcm.example/c/ACDE-FGHJ-KMNP-RTVW",
)


@pytest.fixture(scope="module")
def signatory() -> Signatory:
    return demo_signatory()


async def judged(pdf: bytes, signatory: Signatory) -> PdfSignatureStatus:
    """What a PDF reader says that trusts the authority and nobody else."""
    chain = [x509.Certificate.load(one) for one in signatory.chain]
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    assert signature.field_name == FIELD
    return await async_validate_pdf_signature(signature, ValidationContext(trust_roots=chain[1:], allow_fetching=False))


def pages(pdf: bytes) -> int:
    return int(PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Count"])


async def test_the_signature_covers_all_of_it_and_is_the_authority_s(signatory: Signatory) -> None:
    press = Press(lambda: signatory)
    status = await judged(await press.certificate(WORDS), signatory)
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert not (await judged(await press.certificate(WORDS), demo_signatory())).trusted
    press.close()


async def test_whoever_changes_a_byte_breaks_it(signatory: Signatory) -> None:
    press = Press(lambda: signatory)
    pdf = bytearray(await press.certificate(WORDS))
    press.close()
    # In the first page's own part, which is what somebody would change to have another name in it.
    at = pdf.index(b"stream", 2_000) + 40
    pdf[at] ^= 1
    assert not (await judged(bytes(pdf), signatory)).intact


def test_the_same_words_are_the_same_page() -> None:
    assert typeset(WORDS) == typeset(WORDS)
    assert typeset(WORDS) != typeset(replace(WORDS, name="Nguyễn Văn A"))


@pytest.mark.parametrize(
    "words",
    [
        WORDS,
        replace(WORDS, birth="1950-05-17"),
        replace(WORDS, name="Nguyễn " * 14, signer="Trần Thị " * 10),
        # What is typed is text, whatever it looks like to the typesetter.
        replace(WORDS, name='#panic("no") $x$ *b* @ref <label> \\ [x] // " \' {y}'),
        replace(WORDS, area="", issuer="", name="", birth="", disease=""),
        replace(
            WORDS, url="https://a-very-long-name-of-an-installation.hochiminhcity.example.vn/c/ACDE-FGHJ-KMNP-RTVW"
        ),
    ],
)
def test_whatever_is_known_it_is_one_page(words: CertificateWords) -> None:
    assert pages(typeset(words)) == 1


def test_its_picture_is_an_upright_page_with_ink_on_it() -> None:
    image = Image.open(BytesIO(picture(WORDS, 50)))
    assert image.height > image.width > 300
    dark = sum(1 for shade in image.convert("L").tobytes() if shade < 128)
    assert 0.01 < dark / (image.width * image.height) < 0.2


def test_all_processes_sign_as_the_one_authority_that_was_made_first(tmp_path: Path) -> None:
    file = tmp_path / "signing" / "demo.p12"
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: demo_signatory(file), range(4)))
    assert len({one.chain[0] for one in found}) == 1
    assert all(one.demo for one in found)
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["demo.p12"]


def test_the_department_s_own_key_signs_where_there_is_one(signatory: Signatory, tmp_path: Path) -> None:
    file = tmp_path / "own.p12"
    key, own, above = pkcs12.load_key_and_certificates(_written(tmp_path / "demo.p12"), b"khaibao demo")
    assert key is not None
    sealed = serialization.BestAvailableEncryption(b"secret")
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"own", key, own, above, sealed))  # type: ignore[arg-type]  # any key that it holds
    found = open_signatory(file, "secret")
    assert (found.demo, found.name, len(found.chain)) == (False, "Khai báo demo certificates", 2)
    with pytest.raises(NoSignatory, match="password"):
        open_signatory(file, "wrong")
    with pytest.raises(NoSignatory, match="cannot be read"):
        open_signatory(tmp_path / "missing.p12", None)
    assert "secret" not in repr(found)


def _written(file: Path) -> bytes:
    demo_signatory(file)
    return file.read_bytes()
