"""Objects in the store, each encrypted with a key of its own; whoever has one keeps its name and that key, sealed.

A copy of the store tells nothing without the database, and one of the database nothing without the installation's keys.
Where the sealed key is emptied, its object can be read by nobody from that commit on; `services.remove_objects` takes
the bytes away after it.
"""

import base64
import os
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from access.sealing import UnsealError
from services.runtime import Runtime

_KEY_BITS = 256
_NONCE = 12


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the caller's row keeps of an object: its name in the store, and its key as sealed at the caller's place."""

    object_key: str
    data_key: bytes


def new_object(runtime: Runtime, place: str) -> StoredObject:
    """A name and a sealed key for an object that is still to be put.

    For a row that has to stand before its bytes do, so that what is in the store always has a row that says so.
    """
    name = secrets.token_hex(16)
    key = base64.b64encode(AESGCM.generate_key(_KEY_BITS)).decode("ascii")
    # Spread over folders: one with a million files is slow to work with.
    return StoredObject(f"{name[:2]}/{name}", runtime.sealer.seal(place, {"key": key}))


async def put(runtime: Runtime, place: str, data: bytes, stored: StoredObject | None = None) -> StoredObject:
    """Encrypts the bytes and puts them into the store; the caller writes what comes back into its row.

    `place` is where the key is sealed, such as "certificate_key:<id>". With `stored` (of `new_object`) it goes under
    that name. Never inside a transaction: a store may take half a minute. Raises StoreUnavailable, UnsealError.
    """
    kept = stored or new_object(runtime, place)
    nonce = os.urandom(_NONCE)
    # Bound to its name: two objects of the store cannot be exchanged for each other.
    sealed = nonce + _cipher(runtime, place, kept.data_key).encrypt(nonce, data, kept.object_key.encode())
    await runtime.objects.put(kept.object_key, sealed)
    return kept


async def get(runtime: Runtime, place: str, object_key: str, data_key: bytes) -> bytes:
    """The bytes as they were put. Raises ObjectMissing, StoreUnavailable, UnsealError where they were changed."""
    cipher = _cipher(runtime, place, data_key)
    sealed = await runtime.objects.get(object_key)
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], object_key.encode())
    except (InvalidTag, ValueError) as error:
        raise UnsealError("an object of the store was changed, or is another one's") from error


async def remove(runtime: Runtime, object_key: str) -> None:
    """Takes an object out of the store; again is harmless. Raises StoreUnavailable."""
    await runtime.objects.remove(object_key)


def _cipher(runtime: Runtime, place: str, data_key: bytes) -> AESGCM:
    key = str(runtime.sealer.open(place, data_key)["key"])
    return AESGCM(base64.b64decode(key))
