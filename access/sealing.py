"""Sealing what says who somebody is, so that a copy of the database tells nobody's illness."""

import os
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from access.keys import Key, KeyRing, ring_of

_NONCE = 12


class UnsealError(Exception):
    """A sealed value was changed, moved to another row, or sealed with a key that is not known here."""


class Sealer:
    """AES-256-GCM with a nonce for each value; a value opens only at the place it was sealed for.

    It seals with the ring's current key, and opens with whichever key the value names.
    """

    def __init__(self, keys: KeyRing | Key) -> None:
        """Derives its own keys from the installation's, so that no two uses share one."""
        self.ring = ring_of(keys)
        self._ciphers: dict[bytes, AESGCM] = {}

    def seal(self, place: str, value: object) -> bytes:
        """Seals a JSON value for a place, such as "case:<id>"; the result is key name, nonce and ciphertext."""
        return self._seal(place, orjson.dumps(value))

    def open(self, place: str, sealed: bytes) -> dict[str, object]:
        """Opens what was sealed for this place. Raises UnsealError."""
        opened: dict[str, object] = orjson.loads(self._open(place, sealed))
        return opened

    def reseal(self, place: str, sealed: bytes) -> bytes:
        """The same value at the same place under the current key. Raises UnsealError."""
        return self._seal(place, self._open(place, sealed))

    def _seal(self, place: str, text: bytes) -> bytes:
        key = self.ring.current
        nonce = os.urandom(_NONCE)
        return sealed_prefix(key.name) + nonce + self._cipher(key).encrypt(nonce, text, place.encode())

    def _open(self, place: str, sealed: bytes) -> bytes:
        name = sealed_by(sealed)
        key = self.ring.find(name)
        if key is None:
            raise UnsealError(f"sealed with the key {name!r}, which this installation does not have")
        start = 1 + sealed[0]
        try:
            return self._cipher(key).decrypt(sealed[start : start + _NONCE], sealed[start + _NONCE :], place.encode())
        except (InvalidTag, ValueError) as error:
            raise UnsealError("a sealed value does not open at its place") from error

    def _cipher(self, key: Key) -> AESGCM:
        # By the secret and not the name: a file that was exchanged may call another key the same.
        found = self._ciphers.get(key.secret)
        if found is None:
            found = self._ciphers[key.secret] = AESGCM(_derive(key, b"khaibao sealing"))
        return found


@lru_cache(maxsize=64)
def sealed_prefix(name: str) -> bytes:
    """How every value begins that was sealed with the key of this name."""
    text = name.encode("ascii")
    return bytes([len(text)]) + text


def sealed_by(sealed: bytes) -> str:
    """The name of the key that a value was sealed with. Raises UnsealError for what was never sealed."""
    if not sealed:
        raise UnsealError("there is nothing sealed here")
    return sealed[1 : 1 + sealed[0]].decode("ascii", "replace")


def _derive(key: Key, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(key.secret)
