"""Writing a message where it cannot be lost: beside the fact that caused it."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import Sealer
from models.identifier import uuid7
from models.outbox_message import OutboxMessage
from models.state import MessageKind, MessageState


async def put(
    connection: AsyncpgDBClient,
    sealer: Sealer,
    *,
    kind: MessageKind,
    priority: int,
    to: str,
    body: str,
    now: datetime,
    useful_until: datetime,
) -> UUID:
    """Writes a message in the caller's transaction; a relay sends it after the commit, and never without one.

    `priority` is 0 for what calls to a RED alert, and more for what may wait behind it. From `useful_until` on it is
    dropped instead of being sent late. `to` is a phone in E.164 form; it and the text are sealed.
    """
    id = uuid7()
    await OutboxMessage.create(
        using_db=connection,
        id=id,
        kind=kind,
        priority=priority,
        sealed=sealer.seal(place(id), {"to": to, "body": body}),
        created_at=now,
        useful_until=useful_until,
        state=MessageState.QUEUED,
    )
    return id


def place(id: UUID) -> str:
    """Where a message's recipient and text are sealed."""
    return f"outbox:{id}"
