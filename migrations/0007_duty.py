"""Who is on duty, and messages that become one text."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.identifier import uuid7
from models.state import DutyChannel, Level

# A relay asks every second what waits to be gathered, and of each text which messages went in it.
FORWARD = """
SET LOCAL lock_timeout = '5s';
CREATE INDEX outbox_message_to_gather ON outbox_message (gather_key, not_before)
  WHERE state = 'QUEUED' AND gather_key IS NOT NULL AND gathered_in IS NULL;
CREATE INDEX outbox_message_gathered ON outbox_message (gathered_in) WHERE gathered_in IS NOT NULL;
"""

BACKWARD = """
SET LOCAL lock_timeout = '5s';
DROP INDEX outbox_message_gathered, outbox_message_to_gather;
"""


class Migration(migrations.Migration):
    """Additions only, each new column nullable: the version before goes on while this is applied."""

    dependencies = [("models", "0006_message_receipts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Duty",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "level",
                    fields.CharEnumField(
                        description="STATION: station\nMEDICAL_CENTRE: medical_centre\nCITY: city",
                        enum_type=Level,
                        max_length=16,
                    ),
                ),
                ("station_id", fields.CharField(null=True, max_length=64)),
                ("area_id", fields.CharField(max_length=64)),
                ("area_no", fields.IntField()),
                ("channel", fields.CharEnumField(description="SMS: SMS", enum_type=DutyChannel, max_length=8)),
                ("sealed", fields.BinaryField()),
                ("weekdays", fields.CharField(max_length=7)),
                ("starts", fields.SmallIntField()),
                ("ends", fields.SmallIntField()),
                ("quiet_from", fields.SmallIntField(null=True)),
                ("quiet_until", fields.SmallIntField(null=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=1, db_default=1)),
            ],
            options={
                "table": "duty",
                "app": "models",
                "indexes": [Index(fields=["station_id"]), Index(fields=["area_no"])],
                "pk_attr": "id",
                "table_description": "One person's hours at a station, a medical centre, or for the city: `station_id` is None for the city's.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Gathering",
            fields=[
                ("key", fields.CharField(primary_key=True, max_length=64, unique=True, db_index=True)),
                ("open_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "gathering",
                "app": "models",
                "pk_attr": "key",
                "table_description": "When the next text of a kind may go to somebody, in the database's own time: until then messages gather.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="OutboxMessage",
            name="gather_key",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="OutboxMessage",
            name="gathered_in",
            field=fields.UUIDField(null=True),
        ),
        ops.RunSQL(sql=FORWARD, reverse_sql=BACKWARD),
    ]
