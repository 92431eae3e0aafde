"""Which stations have a live socket open, and on which process."""

from tortoise import fields
from tortoise.models import Model


class Presence(Model):
    """A station that a process has sockets of; a row not seen for a while is of a process that died."""

    id = fields.CharField(max_length=110, primary_key=True)
    process = fields.UUIDField()
    station_id = fields.CharField(max_length=64)
    sockets = fields.IntField()
    seen_at = fields.DatetimeField()

    class Meta:
        table = "presence"
        indexes = (("station_id",),)
