"""The audit's chain: each link is a keyed hash of one record and of the link before, so that no record can be changed,
removed, put in between or put elsewhere without every later link being wrong.

Keyed, because whoever can write the table could otherwise compute the rest of the chain anew.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from access.keys import Key, KeyRing

GENESIS = bytes(32)
"""What stands before the first link."""

_PURPOSE = b"khaibao audit chain"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UnknownKey(Exception):
    """A link names a key that this installation does not have."""


@dataclass(frozen=True, slots=True)
class Record:
    """What of an audit row is bound by its link: everything but `area_no`, which a new numbering changes.

    `why` is the reason as it was typed, or the sealed bytes where they do not open: so a change of keys, which seals it
    anew, breaks no link.
    """

    id: UUID
    at: datetime
    account_id: UUID | None
    session_id: UUID | None
    actor: str
    action: str
    objects: list[str]
    detail: dict[str, object]
    origin: str | None
    request_id: str | None
    why: str | bytes | None

    def canonical(self) -> bytes:
        """One sequence of bytes for each content: every part with its kind and length, so that none runs into the
        next."""
        parts = (
            self.id.bytes,
            struct.pack(">q", _microseconds(self.at)),
            self.account_id.bytes if self.account_id else None,
            self.session_id.bytes if self.session_id else None,
            self.actor,
            self.action,
            orjson.dumps(self.objects),
            orjson.dumps(self.detail, option=orjson.OPT_SORT_KEYS),
            self.origin,
            self.request_id,
            self.why,
        )
        return b"".join(map(_part, parts))


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its number from 1 on without a gap, its hash, the name of the key that made it, and up to when
    everything was sealed with it."""

    seq: int
    hash: bytes
    key: str
    sealed_at: datetime


class Chain:
    """Makes links with the ring's current key, and checks those of any key it knows."""

    def __init__(self, ring: KeyRing) -> None:
        """Derives its own keys from the installation's, so that no two uses share one."""
        self._ring = ring

    def add(self, head: Link | None, records: Iterable[Record], sealed_at: datetime) -> Iterator[Link]:
        """The links of these records, in this order, after the head; None is an empty chain."""
        key = self._ring.current
        secret = _secret(key)
        seq, last = (head.seq, head.hash) if head else (0, GENESIS)
        for record in records:
            seq, last = seq + 1, _hash(secret, seq + 1, last, sealed_at, record)
            yield Link(seq, last, key.name, sealed_at)

    def holds(self, previous: bytes, link: Link, record: Record) -> bool:
        """Whether a link follows this hash and was made of this record. Raises UnknownKey."""
        key = self._ring.find(link.key)
        if key is None:
            raise UnknownKey(link.key)
        made = _hash(_secret(key), link.seq, previous, link.sealed_at, record)
        return hmac.compare_digest(made, link.hash)


def _secret(key: Key) -> bytes:
    return hmac.digest(key.secret, _PURPOSE, hashlib.sha256)


def _hash(secret: bytes, seq: int, previous: bytes, sealed_at: datetime, record: Record) -> bytes:
    # With the time of sealing: whoever could put it back would open a gap in which old records may appear.
    place = struct.pack(">qq", seq, _microseconds(sealed_at))
    return hmac.digest(secret, place + previous + record.canonical(), hashlib.sha256)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _part(value: str | bytes | None) -> bytes:
    if value is None:
        return b"n"
    kind, content = (b"s", value.encode()) if isinstance(value, str) else (b"b", value)
    return kind + struct.pack(">I", len(content)) + content
