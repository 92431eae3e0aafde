"""Keyed hashes by which somebody is known again without being named."""

import base64
import hashlib
import hmac
import unicodedata
from uuid import UUID

from access.keys import Key, KeyRing, ring_of
from access.origin import counted_network


class Pseudonymiser:
    """HMAC-SHA-256 under the installation's keys: without them nobody can try phone numbers against the hashes.

    A hash is the key's name, a dot and the digest in base64url. What is written is hashed with the current key; what
    is looked up, with every known key, because a rotation rewrites the hashes while everybody goes on working. The
    plural of each hash gives all of them, the current key's first.
    """

    def __init__(self, keys: KeyRing | Key) -> None:
        """Uses the installation's keys under a purpose of its own."""
        self._ring = ring_of(keys)
        self._secrets: dict[bytes, bytes] = {}

    def phone(self, e164: str) -> str:
        """The hash of a phone number in E.164 form."""
        return self.phones(e164)[0]

    def phones(self, e164: str) -> list[str]:
        """The hashes of a phone number under every known key."""
        return self._hashes("phone", e164)

    def national_ids(self, number: str) -> list[str]:
        """The hashes of a national identity number, without its spaces."""
        return self._hashes("national-id", "".join(number.split()).upper())

    def identities(self, e164: str, name: str, birth: str) -> list[str]:
        """The hashes of phone, name and birth (a date or a year): the same person where no national id was given."""
        folded = " ".join(unicodedata.normalize("NFC", name).casefold().split())
        return self._hashes("identity", f"{e164}\0{folded}\0{birth}")

    def code(self, verification: UUID, code: str) -> str:
        """The hash of a code that was sent to a phone: bound to its sending, so that equal codes do not look equal."""
        return self._hash(self._ring.current, "code", f"{verification}\0{code}".encode())

    def is_code(self, stored: str, verification: UUID, code: str) -> bool:
        """Whether the stored hash is this code's."""
        return self._same(stored, "code", f"{verification}\0{code}".encode())

    def body(self, canonical: bytes) -> str:
        """The hash of a request, by which a repeat is told from another request under the same key."""
        return self._hash(self._ring.current, "body", canonical)

    def is_body(self, stored: str, canonical: bytes) -> bool:
        """Whether the stored hash is this request's. A retired key still tells: of a body only the hash was kept, so no
        rotation can hash it anew."""
        return self._same(stored, "body", canonical)

    def origin(self, address: str) -> str:
        """The hash of where a request comes from: an IPv4 address, or the /64 of an IPv6 address."""
        return self._hash(self._ring.current, "origin", counted_network(address).encode())

    def counted(self, text: str) -> str:
        """The hash of what a limit counts. What a rotation makes of it is a new window, and nothing else."""
        # Names that nobody can have are counted as well, halves of characters and all.
        return self._hash(self._ring.current, "counted", text.encode("utf-8", "surrogatepass"))

    def _hashes(self, purpose: str, value: str) -> list[str]:
        return [self._hash(key, purpose, value.encode()) for key in self._ring.known]

    def _same(self, stored: str, purpose: str, value: bytes) -> bool:
        key = self._ring.find(hashed_by(stored))
        return key is not None and hmac.compare_digest(stored, self._hash(key, purpose, value))

    def _hash(self, key: Key, purpose: str, value: bytes) -> str:
        secret = self._secrets.get(key.secret)
        if secret is None:
            secret = self._secrets[key.secret] = hmac.digest(key.secret, b"khaibao pseudonym", hashlib.sha256)
        digest = hmac.digest(secret, purpose.encode() + b"\0" + value, hashlib.sha256)
        return f"{key.name}.{base64.urlsafe_b64encode(digest).decode('ascii').rstrip('=')}"


def hashed_by(stored: str) -> str:
    """The name of the key that a hash was made with."""
    return stored.partition(".")[0]
