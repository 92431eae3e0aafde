"""What residents send: one submission a household, one declaration a person."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import Danger, DeclarationState


class Submission(Model):
    """One call of `declare`: a household with its contact, its receipt and its idempotency key."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    idempotency_key = fields.CharField(max_length=128, unique=True)
    body_hash = fields.CharField(max_length=64)
    receipt_code = fields.CharField(max_length=16, unique=True)
    disease = fields.CharField(max_length=32)
    area_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    station_id = fields.CharField(max_length=64, null=True)
    verified = fields.BooleanField()
    phone_hash = fields.CharField(max_length=64)
    contact: bytes = fields.BinaryField()
    submitted_at = fields.DatetimeField()
    anonymised_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "submission"


class Declaration(Model):
    """One person reported.

    `asked` is what the station wants to know (fields and a note, sealed at "asked:<id>"), `asked_at` since when, and
    `completed_at` when the resident last answered. `duplicate_of` is the declaration that it is the same as.
    `entered_by` is the account that has entered it for somebody on the phone.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    submission: fields.ForeignKeyRelation[Submission] = fields.ForeignKeyField(
        "models.Submission", related_name="declarations", on_delete=fields.RESTRICT
    )
    submission_id: UUID
    position = fields.SmallIntField()
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="declarations", on_delete=fields.RESTRICT
    )
    case_id: UUID
    disease = fields.CharField(max_length=32)
    area_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    station_id = fields.CharField(max_length=64, null=True)
    state = fields.CharEnumField(DeclarationState, max_length=16)
    possible_duplicate = fields.BooleanField()
    verified = fields.BooleanField()
    severe = fields.BooleanField()
    high_risk = fields.BooleanField()
    danger = fields.CharEnumField(Danger, max_length=8, null=True)
    rank = fields.SmallIntField()
    report: bytes = fields.BinaryField()
    submitted_at = fields.DatetimeField()
    day = fields.DateField()
    handled_at: datetime | None = fields.DatetimeField(null=True)
    version = fields.IntField(default=1, db_default=1)
    asked: bytes | None = fields.BinaryField(null=True)
    asked_at: datetime | None = fields.DatetimeField(null=True)
    completed_at: datetime | None = fields.DatetimeField(null=True)
    duplicate_of: UUID | None = fields.UUIDField(null=True)
    entered_by: UUID | None = fields.UUIDField(null=True)

    granted: bool = False
    """No column: whether the reader holds this row by a grant, from beyond their areas."""

    class Meta:
        table = "declaration"
        indexes = (("submission_id",), ("case_id",))
