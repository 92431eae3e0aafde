"""Tests at the end of an isolation."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import TestResult


class ReleaseTest(Model):
    """One test of a confirmed case, sent by the resident or done by staff; it counts once staff has verified it."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="release_tests", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    kind = fields.CharField(max_length=32)
    taken_on = fields.DateField()
    result = fields.CharEnumField(TestResult, max_length=16)
    supervised = fields.BooleanField()
    evidence_id: UUID | None = fields.UUIDField(null=True)
    sent_at = fields.DatetimeField()
    sent_by: UUID | None = fields.UUIDField(null=True)
    verified_at: datetime | None = fields.DatetimeField(null=True)
    verified_by: UUID | None = fields.UUIDField(null=True)
    refused_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "release_test"
        indexes = (("case_id",),)
