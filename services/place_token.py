"""Places in the queue: a signed slip for whoever was told to come back, that says since when they have been waiting.

A place is of one lane and bound to what is asked for, such as the idempotency key of a declaration: given to a thousand
others it brings that one declaration forward, which is taken once. Any process of the installation reads it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from access.keys import Key, KeyRing

_SERIAL_BYTES = 8
_FORMAT = struct.Struct(f">BQQ{_SERIAL_BYTES}s")
_MAC_BYTES = 16
_LONGEST = 120
PLACE_SECONDS = 300.0
"""For how long after its moment a place is kept for whoever does not come."""


class BadPlace(Exception):
    """The slip is none of ours, was changed, is for something else, or is over."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place: its lane by number, when its holder first came and from when on it holds, in seconds of real time."""

    lane: int
    first: float
    due: float
    serial: bytes


class PlaceTokens:
    """Signs with the ring's current key, and reads what any of its known keys has signed."""

    def __init__(self, ring: KeyRing) -> None:
        """Follows the ring."""
        self._ring = ring
        self._secrets: dict[bytes, bytes] = {}
        # Drawn once and counted on: a serial has to be another than all others, and need not be kept from anybody.
        self._serial = int.from_bytes(secrets.token_bytes(_SERIAL_BYTES))

    def make(self, lane: int, bound: str, first: float, due: float) -> str:
        """A slip; `bound` is what it is for, and has to be said again when it is shown."""
        key = self._ring.current
        self._serial = (self._serial + 1) % 2 ** (8 * _SERIAL_BYTES)
        said = _FORMAT.pack(lane, int(first * 1000), int(due * 1000), self._serial.to_bytes(_SERIAL_BYTES))
        sealed = base64.urlsafe_b64encode(said + self._mac(key, said, bound)).decode("ascii").rstrip("=")
        return f"{key.name}.{sealed}"

    def read(self, slip: str, bound: str, now: float) -> Place:
        """What a slip says that is not over. Raises BadPlace."""
        name, _, text = slip.partition(".")
        # Not `find`, which reads the key file again for a name it does not know: anybody may make one up.
        key = next((one for one in self._ring.known if one.name == name), None)
        if key is None or len(slip) > _LONGEST:
            raise BadPlace
        try:
            content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadPlace from error
        said, mac = content[: _FORMAT.size], content[_FORMAT.size :]
        if len(said) < _FORMAT.size or not hmac.compare_digest(mac, self._mac(key, said, bound)):
            raise BadPlace
        lane, first, due, serial = _FORMAT.unpack(said)
        place = Place(lane, first / 1000, due / 1000, serial)
        if now > place.due + PLACE_SECONDS:
            raise BadPlace
        return place

    def _mac(self, key: Key, said: bytes, bound: str) -> bytes:
        secret = self._secrets.get(key.secret)
        if secret is None:
            secret = self._secrets[key.secret] = hmac.digest(key.secret, b"khaibao place", hashlib.sha256)
        # What a client sends may hold halves of characters.
        return hmac.digest(secret, said + bound.encode("utf-8", "surrogatepass"), hashlib.sha256)[:_MAC_BYTES]


class SpentPlaces:
    """The places that were used already in this process, until they would be over anyway; bounded."""

    def __init__(self, most: int = 50_000) -> None:
        """Knows of none."""
        self._most = most
        self._until: dict[bytes, float] = {}

    def spend(self, place: Place, now: float) -> bool:
        """Uses a place up; False where it was used before."""
        if place.serial in self._until:
            return False
        while self._until:
            serial, until = next(iter(self._until.items()))
            if until >= now and len(self._until) < self._most:
                break
            del self._until[serial]
        self._until[place.serial] = place.due + PLACE_SECONDS
        return True
