"""Identifiers that sort by the moment they were made."""

import os
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, SafeUUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_PARTS = 1 << 12
_SIXTY_TWO_BITS = (1 << 62) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_new, _set, _UNKNOWN = UUID.__new__, object.__setattr__, SafeUUID.unknown


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of milliseconds, 12 of the part of one that is over, then 62 random.

    So what one process makes one after another sorts as it was made, also within a millisecond: two lines of one act
    stand in a timeline in their order.

    Made here and not by the database, because a key that is known before the INSERT lets one statement write every
    table of a declaration, and because PostgreSQL 15 has no function for it.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    made = (
        (milliseconds << 80)
        | _VERSION_7
        | (rest * _PARTS // 1_000_000) << 64
        | _VARIANT
        | (int.from_bytes(os.urandom(8)) & _SIXTY_TWO_BITS)
    )
    # As UUID's own way of making one does, without its checks of what it might have been given: a declaration has
    # seven, and they took longer than its triage.
    id = _new(UUID)
    _set(id, "int", made)
    _set(id, "is_safe", _UNKNOWN)
    return id


def first_of(moment: datetime) -> UUID:
    """The smallest identifier that `uuid7` could have made in the millisecond of a moment."""
    return UUID(int=((moment - _EPOCH) // _MILLISECOND << 80) | _VERSION_7 | _VARIANT)


def moment_of(id: UUID) -> datetime:
    """When an identifier of `uuid7` was made, to the millisecond, by the clock of the machine that made it."""
    return _EPOCH + (id.int >> 80) * _MILLISECOND
