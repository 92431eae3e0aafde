"""What was counted in each ward: the source of every summary."""

from datetime import date

from tortoise import fields
from tortoise.models import Model

ALL_DAYS = date(1, 1, 1)
"""The day of the row that carries a ward's totals, so that a summary without dates does not grow with the days.

asyncpg writes this date as -infinity, and that is what a statement of one's own has to say."""


class AreaCount(Model):
    """A ward's counters of one day, and of ALL_DAYS. Ancestors are sums over a range of `area_no`.

    `active`, `pending`, `open_alerts` and `hospitalised` are differences: their sum up to a day is how many there were
    that evening.
    `version` grows with every change, so that a watcher sees that something changed without reading the rest.
    """

    id = fields.BigIntField(primary_key=True)
    area_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    disease = fields.CharField(max_length=32)
    day = fields.DateField()
    declared = fields.IntField(default=0, db_default=0)
    severe = fields.IntField(default=0, db_default=0)
    high_risk = fields.IntField(default=0, db_default=0)
    confirmed = fields.IntField(default=0, db_default=0)
    active = fields.IntField(default=0, db_default=0)
    pending = fields.IntField(default=0, db_default=0)
    contacted = fields.IntField(default=0, db_default=0)
    alerts = fields.IntField(default=0, db_default=0)
    open_alerts = fields.IntField(default=0, db_default=0)
    acknowledged = fields.IntField(default=0, db_default=0)
    hospitalised = fields.IntField(default=0, db_default=0)
    completed = fields.IntField(default=0, db_default=0)
    deceased = fields.IntField(default=0, db_default=0)
    version = fields.BigIntField(default=0, db_default=0)
    last_action_at = fields.DatetimeField(null=True)

    class Meta:
        table = "area_count"
        unique_together = (("area_no", "disease", "day"),)


class AckHistogram(Model):
    """How many alerts of a ward were acknowledged within the seconds of one bucket, of a day and of ALL_DAYS."""

    id = fields.BigIntField(primary_key=True)
    area_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    disease = fields.CharField(max_length=32)
    day = fields.DateField()
    bucket = fields.SmallIntField()
    count = fields.IntField()

    class Meta:
        table = "ack_histogram"
        unique_together = (("area_no", "disease", "day", "bucket"),)
