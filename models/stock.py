"""What a station has of each pack: entries that are never edited, and their sum."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7
from models.state import StockChange


class StockEntry(Model):
    """One change of a station's stock of a pack, by `change` (positive or negative). Append only: a slip of the pen is
    put right by an entry of its own. `balance` is the station's stock after it."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    station_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    pack = fields.CharField(max_length=32)
    change = fields.IntField()
    balance = fields.IntField()
    kind = fields.CharEnumField(StockChange, max_length=16)
    reason = fields.CharField(max_length=200, null=True)
    at: datetime = fields.DatetimeField()
    account_id: UUID = fields.UUIDField()
    dispensing_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "stock_entry"
        indexes = (("station_id", "pack", "id"),)


class StockBalance(Model):
    """How many packs a station has now; never below nought, which the database holds."""

    id = fields.CharField(max_length=97, primary_key=True)
    station_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    pack = fields.CharField(max_length=32)
    balance = fields.IntField()

    class Meta:
        table = "stock_balance"
        unique_together = (("station_id", "pack"),)
