"""Packs of medicine that were given out."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7


class Dispensing(Model):
    """One pack for one case. `note` (who prescribed it, consent's form) is sealed at "dispensing:<id>"."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="dispensings", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    station_id = fields.CharField(max_length=64)
    pack = fields.CharField(max_length=32)
    quantity = fields.SmallIntField()
    at = fields.DatetimeField()
    account_id: UUID = fields.UUIDField()
    consent = fields.BooleanField()
    protocol = fields.CharField(max_length=64)
    note: bytes | None = fields.BinaryField(null=True)

    class Meta:
        table = "dispensing"
        indexes = (("case_id",),)
