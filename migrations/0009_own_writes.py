"""How far the log had been written when a session last changed something: a replica has to be as far to answer it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """One nullable column without a default: no row is rewritten, and the version before goes on without it."""

    dependencies = [("models", "0008_event_written")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Session",
            name="wrote_position",
            field=fields.BigIntField(null=True),
        ),
    ]
