"""Certificates are signed with a key that stays on its token (here Debian's SoftHSM); what is wrong is one line."""

import os
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pkcs11
import pytest
from asn1crypto import x509  # type: ignore[import-untyped]  # it ships no types
from pkcs11.util.x509 import decode_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import SimpleSigner
from pyhanko.sign.pkcs11 import PKCS11Signer
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

import settings
from documents.authority import demo_signatory
from documents.press import Press
from documents.signatory import NoSignatory, Signatory
from documents.token import Token, check_token, open_token
from process.parts import press
from settings import SettingsError
from tests.unit.documents.test_certificate import WORDS

pytestmark = pytest.mark.servers

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234567"


@pytest.fixture(scope="module")
def authority() -> Signatory:
    """Whose key and certificates are put on the token."""
    return demo_signatory()


@pytest.fixture(scope="module")
def token(authority: Signatory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    """A token with a key, its certificate and the one above it."""
    if not LIBRARY.exists():
        pytest.fail("SoftHSM is not installed: run make test-servers, which installs it")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    # The library reads it when it is loaded, and a process loads it once.
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    made = ("softhsm2-util", "--init-token", "--free", "--label", "khaibao", "--so-pin", "7654321", "--pin", PIN)
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    assert isinstance(authority.signer, SimpleSigner)
    key = folder / "key.pem"
    key.write_bytes(_pem(authority.signer.signing_key.dump()))
    run = ("softhsm2-util", "--import", str(key), "--token", "khaibao", "--label", "papers", "--id", "01", "--pin", PIN)
    subprocess.run(run, check=True, capture_output=True, timeout=60)
    with pkcs11.lib(str(LIBRARY)).get_token(token_label="khaibao").open(rw=True, user_pin=PIN) as session:
        for label, der in zip(("papers", "authority"), authority.chain, strict=True):
            session.create_object(
                decode_x509_certificate(der) | {pkcs11.Attribute.LABEL: label, pkcs11.Attribute.TOKEN: True}
            )
    yield Token(LIBRARY, "khaibao", "papers", PIN)
    del os.environ["SOFTHSM2_CONF"]


def _pem(der: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_der_private_key(der, password=None)
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, plain)


def out(signatory: Signatory) -> None:
    """Pulls the token out, as far as whoever holds this can tell."""
    assert isinstance(signatory.signer, PKCS11Signer)
    signatory.signer.pkcs11_session.close()


async def test_a_paper_that_a_token_has_signed_is_whole_and_the_authority_s(token: Token, authority: Signatory) -> None:
    check_token(token)
    made = Press(lambda: open_token(token))
    assert (await made.signatory()).name == authority.name
    assert not (await made.signatory()).demo
    for _ in range(2):
        (signature,) = PdfFileReader(BytesIO(await made.certificate(WORDS))).embedded_signatures
        roots = [x509.Certificate.load(authority.chain[1])]
        context = ValidationContext(trust_roots=roots, allow_fetching=False)
        status = await async_validate_pdf_signature(signature, context)
        assert status.bottom_line
        assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    out(await made.signatory())
    made.close()


async def test_a_token_that_was_pulled_out_signs_again_once_it_is_back(token: Token) -> None:
    opened = open_token(token)
    made = Press(lambda: opened)
    await made.certificate(WORDS)
    out(opened)
    with pytest.raises(NoSignatory, match="the token does not sign"):
        await made.certificate(WORDS)
    opened = open_token(token)
    assert (await made.certificate(WORDS)).startswith(b"%PDF")
    out(opened)
    made.close()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SIGNING_PIN": None}, "KHAIBAO_SIGNING_PKCS11: set KHAIBAO_SIGNING_PIN as well"),
        ({"SIGNING_TOKEN": None, "SIGNING_LABEL": None}, "set KHAIBAO_SIGNING_TOKEN, KHAIBAO_SIGNING_LABEL as well"),
        ({"SIGNING_PIN": "7777777"}, "the PIN is not that of the token khaibao: put it right before"),
        ({"SIGNING_TOKEN": "elsewhere"}, "no token with the label elsewhere is there: plug it in"),
        ({"SIGNING_LABEL": "nobody"}, "has no private key and certificate with the label nobody"),
        ({"SIGNING_PKCS11": "/nowhere/lib.so"}, "there is no PKCS#11 library at /nowhere/lib.so: install"),
        ({"SIGNING_PKCS12": "/srv/key.p12"}, "signs already; keep one of them"),
    ],
)
def test_what_is_missing_is_one_line_that_says_what_to_do(
    token: Token, changed: dict[str, str | None], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"SIGNING_PKCS11": str(LIBRARY), "SIGNING_TOKEN": "khaibao", "SIGNING_LABEL": "papers", "SIGNING_PIN": PIN}
    for name, value in (given | changed).items():
        monkeypatch.setenv(settings.PREFIX + name, value or "")
    with pytest.raises(SettingsError) as found:
        press(settings.read())
    assert said in str(found.value)
    assert "\n" not in str(found.value)
    assert PIN not in str(found.value)
    # Nothing that was tried keeps the right one out.
    check_token(token)
