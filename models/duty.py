"""Who is on duty, and what keeps texts to them together."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7
from models.state import DutyChannel, Level


class Duty(Model):
    """One person's hours at a station, a medical centre, or for the city: `station_id` is None for the city's.

    `area_id` is the station's area, or the area whose alerts reach the city's people. `sealed` is the name and the
    phone, at the place "duty:<id>". `weekdays` are digits, 1 for Monday, of the days on which a shift begins; times are
    minutes since midnight on the clock on the wall, and `triage.duty.Hours` says what they mean.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    level = fields.CharEnumField(Level, max_length=16)
    station_id = fields.CharField(max_length=64, null=True)
    area_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    channel = fields.CharEnumField(DutyChannel, max_length=8)
    sealed: bytes = fields.BinaryField()
    weekdays = fields.CharField(max_length=7)
    starts = fields.SmallIntField()
    ends = fields.SmallIntField()
    quiet_from: int | None = fields.SmallIntField(null=True)
    quiet_until: int | None = fields.SmallIntField(null=True)
    created_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    version = fields.IntField(default=1, db_default=1)

    class Meta:
        table = "duty"
        indexes = (("station_id",), ("area_no",))


class Gathering(Model):
    """When the next text of a kind may go to somebody, in the database's own time: until then messages gather.

    `key` is the `gather_key` of messages of the outbox. One row for each, so that of several relays one alone gathers.
    """

    key = fields.CharField(max_length=64, primary_key=True)
    open_at = fields.DatetimeField()

    class Meta:
        table = "gathering"
