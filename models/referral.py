"""Sending somebody to a hospital."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import ReferralState


class Referral(Model):
    """One hospital that was asked to take the person of a case. `reason` is sealed at "referral:<id>", and so is
    `answer` (why it was refused, how the person left), at "referral_answer:<id>"."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="referrals", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    station_id = fields.CharField(max_length=64, null=True)
    hospital_id = fields.CharField(max_length=64)
    state = fields.CharEnumField(ReferralState, max_length=16)
    reason: bytes = fields.BinaryField()
    answer: bytes | None = fields.BinaryField(null=True)
    requested_at = fields.DatetimeField()
    requested_by: UUID = fields.UUIDField()
    answered_at: datetime | None = fields.DatetimeField(null=True)
    answered_by: UUID | None = fields.UUIDField(null=True)
    admitted_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    version = fields.IntField(default=1, db_default=1)

    class Meta:
        table = "referral"
        indexes = (("case_id",), ("hospital_id", "state"))
