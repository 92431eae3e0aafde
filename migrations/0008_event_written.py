"""When an event of the alert log was written, to measure how long it takes to a subscriber."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """One nullable column without a default: no row is rewritten, and the version before goes on without it."""

    dependencies = [("models", "0007_duty")]

    initial = False

    operations = [
        ops.AddField(
            model_name="AlertEvent",
            name="written_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
