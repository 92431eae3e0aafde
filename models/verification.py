"""The codes by which residents prove their phone."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7


class Verification(Model):
    """One code that was sent. Of phone and code only keyed hashes stand: who reads this table learns neither."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    phone_hash = fields.CharField(max_length=64)
    code_hash = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    tries = fields.SmallIntField(default=0, db_default=0)
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "verification"
        indexes = (("phone_hash", "created_at"),)
