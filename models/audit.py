"""Who did what to whom."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7


class Audit(Model):
    """One act. Append only; it names objects by their identifiers and holds nothing of a person."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    at = fields.DatetimeField()
    account_id: UUID | None = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=24)
    action = fields.CharField(max_length=48)
    area_no: int | None = fields.IntField(null=True)
    objects: list[str] = fields.JSONField()
    detail: dict[str, object] = fields.JSONField()

    class Meta:
        table = "audit"
