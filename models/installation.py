"""What this installation is."""

from tortoise import fields
from tortoise.models import Model

from models.state import Mode


class Installation(Model):
    """The one row that says what the database is for, and how far its clock was moved (microseconds)."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    mode = fields.CharEnumField(Mode, max_length=16)
    clock_offset_us = fields.BigIntField(default=0, db_default=0)

    class Meta:
        table = "installation"
