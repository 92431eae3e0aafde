"""Who signs: the department's own certificate from a PKCS#12 file, or a demo authority that vouches for itself.

A key on a token is in `documents.token`.
"""

import os
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.sign import SimpleSigner

from documents.signatory import NoSignatory, Signatory

_BITS = 3072
_YEARS = 10
_NAME = b"khaibao demo"


class _Signer(SimpleSigner):
    """pyhanko's own reads and checks the key anew for each signature: a tenth of a second for an RSA one."""

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """The bytes of a signature."""
        digest: hashes.HashAlgorithm = getattr(hashes, digest_algorithm.upper())()
        if isinstance(self._key, rsa.RSAPrivateKey) and not self.prefer_pss:
            return self._key.sign(data, padding.PKCS1v15(), digest)
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(digest))
        return super().sign_raw(data, digest_algorithm)

    @cached_property
    def _key(self) -> object:
        return serialization.load_der_private_key(self.signing_key.dump(), password=None)


def open_signatory(file: Path, password: str | None) -> Signatory:
    """The signatory of a PKCS#12 file: its key, its certificate and those above it. Raises NoSignatory."""
    try:
        return _loaded(file.read_bytes(), (password or "").encode(), demo=False)
    except OSError as error:
        raise NoSignatory(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise NoSignatory(f"{file} is no PKCS#12 file, or the password is not its own") from None


def demo_signatory(file: Path | None = None) -> Signatory:
    """The demo authority that lies in this file, made with the first call; without a file it goes with the process.

    Raises NoSignatory.
    """
    if file is None:
        return _loaded(_made(), _NAME, demo=True)
    try:
        if not file.exists():
            _write_once(file, _made())
        return _loaded(file.read_bytes(), _NAME, demo=True)
    except (OSError, ValueError) as error:
        raise NoSignatory(f"{file} cannot be used: {type(error).__name__}") from None


def _loaded(data: bytes, password: bytes, *, demo: bool) -> Signatory:
    found = SimpleSigner.load_pkcs12_data(data, other_certs=[], passphrase=password)
    if found is None or found.signing_cert is None:
        raise ValueError("no key and certificate in it")
    return Signatory(_Signer(found.signing_cert, found.signing_key, found.cert_registry), demo)


def _write_once(file: Path, data: bytes) -> None:
    """Whoever is first wins: several processes start at once, and all of them must sign as one."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = file.with_name(f"{file.name}.{uuid4().hex}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(data)
        try:
            os.link(own, file)
        except FileExistsError:
            return
    finally:
        own.unlink(missing_ok=True)


def _made() -> bytes:
    """An authority, and a certificate by it that signs papers, as a PKCS#12 file."""
    root, key = (rsa.generate_private_key(public_exponent=65537, key_size=_BITS) for _ in range(2))
    above = _subject("Khai báo demo authority (not for real use)")
    now = datetime.now(UTC) - timedelta(days=1)
    # From before the demo's clock: an installation that plays March 2022 signs with the time of then.
    begins = min(now, datetime(2020, 1, 1, tzinfo=UTC))
    ends = now + timedelta(days=365 * _YEARS)

    def begun(subject: x509.Name, public: rsa.RSAPublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(above)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
        )

    authority = (
        begun(above, root.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root, hashes.SHA256())
    )
    own = (
        begun(_subject("Khai báo demo certificates"), key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .sign(root, hashes.SHA256())
    )
    # The authority's own key is thrown away here: nothing else will ever be vouched for in its name.
    sealed = serialization.BestAvailableEncryption(_NAME)
    return pkcs12.serialize_key_and_certificates(_NAME, key, own, [authority], sealed)


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Khai báo (demo)"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        # What a PDF reader asks for: that whoever signed cannot deny it.
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
