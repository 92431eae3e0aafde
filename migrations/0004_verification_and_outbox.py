"""Codes that prove a phone, and the outbox in which messages wait."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.identifier import uuid7
from models.state import MessageKind, MessageState
from tortoise.fields.db_defaults import Now
from tortoise import fields
from tortoise.indexes import Index

# What waits is few beside what was ever sent, and a relay looks for it every second.
FORWARD = """
SET LOCAL lock_timeout = '5s';
CREATE INDEX outbox_message_due ON outbox_message (priority, not_before) WHERE state = 'QUEUED';
"""

BACKWARD = """
SET LOCAL lock_timeout = '5s';
DROP INDEX outbox_message_due;
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0003_page_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="OutboxMessage",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("kind", fields.CharEnumField(description="CODE: CODE", enum_type=MessageKind, max_length=16)),
                ("priority", fields.SmallIntField()),
                ("sealed", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("not_before", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("useful_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                (
                    "state",
                    fields.CharEnumField(
                        description="QUEUED: QUEUED\nHANDED_OVER: HANDED_OVER\nDROPPED: DROPPED",
                        enum_type=MessageState,
                        max_length=16,
                    ),
                ),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("gateway", fields.CharField(null=True, max_length=32)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outbox_message",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One message, written in the transaction of the fact that caused it and sent after its commit.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Verification",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("phone_hash", fields.CharField(max_length=64)),
                ("code_hash", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("tries", fields.SmallIntField(default=0, db_default=0)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "verification",
                "app": "models",
                "indexes": [Index(fields=["phone_hash", "created_at"])],
                "pk_attr": "id",
                "table_description": "One code that was sent. Of phone and code only keyed hashes stand: who reads this table learns neither.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(sql=FORWARD, reverse_sql=BACKWARD),
    ]
