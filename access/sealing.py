"""Sealing what says who somebody is, so that a copy of the database tells nobody's illness."""

import os

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from access.keys import Key

_NONCE = 12


class UnsealError(Exception):
    """A sealed value was changed, moved to another row, or sealed with another key."""


class Sealer:
    """AES-256-GCM with a nonce for each value; a value opens only at the place it was sealed for."""

    def __init__(self, key: Key) -> None:
        """Derives its own key from the installation's, so that no two uses share one."""
        self._name = key.name.encode("ascii")
        self._cipher = AESGCM(_derive(key, b"khaibao sealing"))

    def seal(self, place: str, value: object) -> bytes:
        """Seals a JSON value for a place, such as "case:<id>"; the result is key name, nonce and ciphertext."""
        nonce = os.urandom(_NONCE)
        text = self._cipher.encrypt(nonce, orjson.dumps(value), place.encode())
        return bytes([len(self._name)]) + self._name + nonce + text

    def open(self, place: str, sealed: bytes) -> dict[str, object]:
        """Opens what was sealed for this place. Raises UnsealError."""
        start = 1 + sealed[0]
        if sealed[1:start] != self._name:
            raise UnsealError(f"sealed with the key {sealed[1:start]!r}, which this installation does not have")
        nonce, text = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            opened: dict[str, object] = orjson.loads(self._cipher.decrypt(nonce, text, place.encode()))
        except InvalidTag as error:
            raise UnsealError("a sealed value does not open at its place") from error
        return opened


def _derive(key: Key, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(key.secret)
