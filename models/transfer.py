"""A case on its way to another ward, and where it went."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import TransferKind, TransferState


class Transfer(Model):
    """One passing on. `area_no` is where to, `from_no` where from: both sides see it, the sender for good.

    A rerouted report lies with the receiver at once, for nobody may wait with an alert; a case that is handed over
    stays with the sender until the receiver accepts. `reason` is sealed at "transfer:<id>".
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="transfers", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    kind = fields.CharEnumField(TransferKind, max_length=16)
    state = fields.CharEnumField(TransferState, max_length=16)
    from_area_id = fields.CharField(max_length=64)
    from_no = fields.IntField()
    from_station_id = fields.CharField(max_length=64, null=True)
    to_area_id = fields.CharField(max_length=64)
    to_station_id = fields.CharField(max_length=64, null=True)
    reason: bytes = fields.BinaryField()
    asked_at = fields.DatetimeField()
    asked_by: UUID = fields.UUIDField()
    answered_at: datetime | None = fields.DatetimeField(null=True)
    answered_by: UUID | None = fields.UUIDField(null=True)
    version = fields.IntField(default=1, db_default=1)

    class Meta:
        table = "transfer"
        indexes = (("case_id",), ("area_no", "state"), ("from_no", "state"))
