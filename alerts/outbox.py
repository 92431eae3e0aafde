"""Writing a message where it cannot be lost: beside the fact that caused it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import Sealer
from alerts.mail import Attached
from models.identifier import uuid7
from models.state import MessageKind


class Priority(IntEnum):
    """What goes before what: the smaller first."""

    RED = 0
    """A call to somebody who may be dying. It has lanes and waits of its own."""
    CODE = 1
    """Somebody waits for it in front of a screen."""
    AMBER = 2
    HIGH_RISK = 3
    STATUS = 5
    """What became of a declaration: nobody comes to harm while it waits."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is written. `to` is a phone in E.164 form, or an e-mail address: then it has a `subject`, and
    perhaps a file `attached`.

    From `useful_until` on it is dropped instead of being sent late; `subject_id` is what it tells of, where that
    decides whether it is still wanted: an ALERT's alert, a REFERRAL's referral, a RECEIVED's submission, the case of
    all else.

    Several with the same `gather_key` may become one text, which is made of their `words`; `alerts.gathering` says how.
    It is not sent before `hold` has passed, in real time.
    """

    kind: MessageKind
    priority: int
    to: str
    body: str
    useful_until: datetime
    subject_id: UUID | None = None
    gather_key: str | None = None
    words: Mapping[str, str | None] | None = None
    hold: timedelta = timedelta()
    subject: str | None = None
    attached: Attached | None = None


# Not by the ORM, which would read the row's default back: the application's login may add messages and read none.
_PUT = """
INSERT INTO outbox_message (id, kind, priority, sealed, useful_until, subject_id, gather_key, not_before, created_at,
  state)
SELECT u.id, u.kind, u.priority, u.sealed, u.useful_until, u.subject_id, u.gather_key, clock_timestamp() + u.hold, $9,
  'QUEUED'
FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::bytea[], $5::timestamptz[], $6::uuid[], $7::text[],
  $8::interval[]) AS u (id, kind, priority, sealed, useful_until, subject_id, gather_key, hold)
"""


class SealedLetter(NamedTuple):
    """A message as its row has it, for a statement that writes it together with other rows."""

    id: UUID
    kind: str
    priority: int
    sealed: bytes
    useful_until: datetime
    subject_id: UUID | None


async def put(connection: AsyncpgDBClient, sealer: Sealer, letter: Letter, now: datetime) -> UUID:
    """Writes a message in the caller's transaction; a relay sends it after the commit, and never without one.

    Recipient and text are sealed. After the commit the caller wakes the relay.
    """
    (id,) = await put_all(connection, sealer, [letter], now)
    return id


async def put_all(
    connection: AsyncpgDBClient, sealer: Sealer, letters: Sequence[Letter], now: datetime
) -> tuple[UUID, ...]:
    """The same for many messages, in one statement; their identifiers."""
    rows = [sealed(sealer, letter) for letter in letters]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * len(SealedLetter._fields)
    together = [[letter.gather_key for letter in letters], [letter.hold for letter in letters]]
    await connection.execute_query(_PUT, [*columns, *together, now])
    return tuple(row.id for row in rows)


def sealed(sealer: Sealer, letter: Letter) -> SealedLetter:
    """The message under a new id, its recipient and text sealed."""
    id = uuid7()
    told: dict[str, object] = {"to": letter.to, "body": letter.body}
    if letter.words is not None:
        told["words"] = dict(letter.words)
    if letter.subject is not None:
        told["subject"] = letter.subject
    if letter.attached is not None:
        told["attached"] = letter.attached.told()
    closed = sealer.seal(place(id), told)
    return SealedLetter(id, letter.kind.value, int(letter.priority), closed, letter.useful_until, letter.subject_id)


def place(id: UUID) -> str:
    """Where a message's recipient and text are sealed."""
    return f"outbox:{id}"
