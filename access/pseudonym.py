"""Keyed hashes by which somebody is known again without being named."""

import binascii
import hashlib
import hmac
import unicodedata
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from access.keys import Key, KeyRing, ring_of
from access.origin import counted_network

_ORIGINS_KEPT = 10_000
_FOR_URLS = bytes.maketrans(b"+/", b"-_")


class Pseudonymiser:
    """HMAC-SHA-256 under the installation's keys: without them nobody can try phone numbers against the hashes.

    A hash is the key's name, a dot and the digest in base64url. What is written is hashed with the current key; what
    is looked up, with every known key, because a rotation rewrites the hashes while everybody goes on working. The
    plural of each hash gives all of them, the current key's first.
    """

    def __init__(self, keys: KeyRing | Key) -> None:
        """Uses the installation's keys under a purpose of its own."""
        self._ring = ring_of(keys)
        self._begun: dict[tuple[bytes, str], HMAC] = {}
        self._origin = lru_cache(_ORIGINS_KEPT)(self._hashed_origin)

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
        # Each request asks, and a browser or a proxy sends many.
        return self._origin(self._ring.current.name, address)

    def counted(self, text: str) -> str:
        """The hash of what a limit counts. What a rotation makes of it is a new window, and nothing else."""
        # Names that nobody can have are counted as well, halves of characters and all.
        return self._hash(self._ring.current, "counted", text.encode("utf-8", "surrogatepass"))

    def _hashed_origin(self, _: str, address: str) -> str:
        return self._hash(self._ring.current, "origin", counted_network(address).encode())

    def _hashes(self, purpose: str, value: str) -> list[str]:
        return [self._hash(key, purpose, value.encode()) for key in self._ring.known]

    def _same(self, stored: str, purpose: str, value: bytes) -> bool:
        key = self._ring.find(hashed_by(stored))
        return key is not None and hmac.compare_digest(stored, self._hash(key, purpose, value))

    def _hash(self, key: Key, purpose: str, value: bytes) -> str:
        # Begun once for each key and purpose: setting a key up takes twice as long as hashing a phone number.
        begun = self._begun.get((key.secret, purpose))
        if begun is None:
            secret = hmac.digest(key.secret, b"khaibao pseudonym", hashlib.sha256)
            begun = self._begun[key.secret, purpose] = HMAC(secret, SHA256())
            begun.update(purpose.encode() + b"\0")
        hashed = begun.copy()
        hashed.update(value)
        # In base64url, without the "=" at the end.
        written = binascii.b2a_base64(hashed.finalize(), newline=False).translate(_FOR_URLS, b"=")
        return f"{key.name}.{written.decode('ascii')}"


def hashed_by(stored: str) -> str:
    """The name of the key that a hash was made with."""
    return stored.partition(".")[0]
