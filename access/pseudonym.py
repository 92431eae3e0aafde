"""Keyed hashes by which somebody is known again without being named."""

import hashlib
import hmac
import unicodedata
from uuid import UUID

from access.keys import Key


class Pseudonymiser:
    """HMAC-SHA-256 under the installation's key: without it nobody can try phone numbers against the hashes."""

    def __init__(self, key: Key) -> None:
        """Uses the installation's key under its own purpose."""
        self._secret = hmac.digest(key.secret, b"khaibao pseudonym", hashlib.sha256)

    def phone(self, e164: str) -> str:
        """The hash of a phone number in E.164 form."""
        return self._hash("phone", e164)

    def national_id(self, number: str) -> str:
        """The hash of a national identity number, without its spaces."""
        return self._hash("national-id", "".join(number.split()).upper())

    def identity(self, e164: str, name: str, birth: str) -> str:
        """The hash of phone, name and birth (a date or a year): the same person where no national id was given."""
        folded = " ".join(unicodedata.normalize("NFC", name).casefold().split())
        return self._hash("identity", f"{e164}\0{folded}\0{birth}")

    def code(self, verification: UUID, code: str) -> str:
        """The hash of a code that was sent to a phone: bound to its sending, so that equal codes do not look equal."""
        return self._hash("code", f"{verification}\0{code}")

    def body(self, canonical: bytes) -> str:
        """The hash of a request, by which a repeat is told from another request under the same key."""
        return hmac.new(self._secret, b"body\0" + canonical, hashlib.sha256).hexdigest()

    def _hash(self, purpose: str, value: str) -> str:
        return hmac.new(self._secret, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()
