"""What is to be sent to somebody's phone."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.fields import Now
from tortoise.models import Model

from models.identifier import uuid7
from models.state import MessageKind, MessageState


class OutboxMessage(Model):
    """One message, written in the transaction of the fact that caused it and sent after its commit.

    `subject_id` is what it tells of, where that decides whether it is still wanted: an alert, a submission or a case.
    `settled_at` is when it left the queue, `reported_at` when its gateway's receipt came, `gateway_id` the name that
    the gateway knows it by, `reason` why it was dropped or has failed.

    Messages with the same `gather_key` become one text where many come at once: `gathered_in` is the one under whose
    identifier they go, which for that one is itself; it is empty while they wait for their text.

    `sealed` is the recipient and the text, at the place "outbox:<id>"; once the message is settled it is empty, for
    nobody needs it any more. `not_before` is in the database's own time and counts real seconds, because it is how long
    a relay may take or a gateway is left in peace; all other moments are in the installation's time.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    kind = fields.CharEnumField(MessageKind, max_length=16)
    priority = fields.SmallIntField()
    sealed: bytes = fields.BinaryField()
    created_at = fields.DatetimeField()
    not_before = fields.DatetimeField(db_default=Now())
    useful_until = fields.DatetimeField()
    attempts = fields.IntField(default=0, db_default=0)
    state = fields.CharEnumField(MessageState, max_length=16)
    reason = fields.CharField(max_length=32, null=True)
    gateway = fields.CharField(max_length=32, null=True)
    settled_at: datetime | None = fields.DatetimeField(null=True)
    subject_id: UUID | None = fields.UUIDField(null=True)
    gateway_id = fields.CharField(max_length=128, null=True)
    reported_at: datetime | None = fields.DatetimeField(null=True)
    gather_key = fields.CharField(max_length=64, null=True)
    gathered_in: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "outbox_message"
