"""What somebody who is ill at home reports of symptoms and vitals."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import Danger


class CheckIn(Model):
    """One check-in, judged like a declaration. `report` is sealed at "check_in:<id>".

    `account_id` is the staff who entered it for the person; None where the person did. The idempotency key is unique
    within a case.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="check_ins", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    idempotency_key = fields.CharField(max_length=128)
    body_hash = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    account_id: UUID | None = fields.UUIDField(null=True)
    report: bytes = fields.BinaryField()
    severe = fields.BooleanField()
    high_risk = fields.BooleanField()
    danger = fields.CharEnumField(Danger, max_length=8, null=True)
    rank = fields.SmallIntField()
    reasons: list[list[str | None]] = fields.JSONField()
    missing: list[list[str]] = fields.JSONField()
    protocol = fields.CharField(max_length=64)

    class Meta:
        table = "check_in"
        unique_together = (("case_id", "idempotency_key"),)
        indexes = (("case_id", "at"),)
