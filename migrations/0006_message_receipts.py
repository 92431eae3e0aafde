"""What became of a message after a gateway took it, and what it tells of."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.state import MessageKind, MessageState


class Migration(migrations.Migration):
    """Additions only, each nullable: the version before goes on while this is applied."""

    dependencies = [("models", "0005_identity_and_privacy")]

    initial = False

    operations = [
        ops.AddField(
            model_name="OutboxMessage",
            name="gateway_id",
            field=fields.CharField(null=True, max_length=128),
        ),
        ops.AddField(
            model_name="OutboxMessage",
            name="reported_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="OutboxMessage",
            name="subject_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AlterField(
            model_name="OutboxMessage",
            name="kind",
            field=fields.CharEnumField(
                description="CODE: CODE\nRECEIVED: RECEIVED\nCONFIRMED: CONFIRMED\nREFUSED: REFUSED\nNEEDS_INFO: NEEDS_INFO\nRELEASED: RELEASED\nALERT: ALERT",
                enum_type=MessageKind,
                max_length=16,
            ),
        ),
        ops.AlterField(
            model_name="OutboxMessage",
            name="state",
            field=fields.CharEnumField(
                description="QUEUED: QUEUED\nHANDED_OVER: HANDED_OVER\nDELIVERED: DELIVERED\nFAILED: FAILED\nDROPPED: DROPPED",
                enum_type=MessageState,
                max_length=16,
            ),
        ),
    ]
