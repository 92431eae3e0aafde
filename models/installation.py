"""What this installation is."""

from tortoise import fields
from tortoise.models import Model

from models.state import Mode


class Installation(Model):
    """The one row that says what the database is for, and how far its clock was moved (microseconds).

    `access_version` grows in the transaction of whatever takes something away from somebody who may be connected: a hub
    that reads an event committed after that sees it, and asks who stands before it lets anybody hear the event.
    """

    id = fields.SmallIntField(primary_key=True, generated=False)
    mode = fields.CharEnumField(Mode, max_length=16)
    clock_offset_us = fields.BigIntField(default=0, db_default=0)

    access_version = fields.BigIntField(default=0, db_default=0)

    class Meta:
        table = "installation"
