"""Photos of tests and identity papers; their bytes lie encrypted in the object store."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7
from models.state import EvidenceKind


class Evidence(Model):
    """One photo. It belongs to nobody until a declaration, a check-in or a test names it; then it is its case's.

    `object_key` is its name in the store and says nothing; `digest` is the keyed hash of what was uploaded, by which a
    repeat is recognised. `data_key` is the key of this one object, sealed at "evidence:<id>".
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    kind = fields.CharEnumField(EvidenceKind, max_length=16)
    case_id: UUID | None = fields.UUIDField(null=True)
    declaration_id: UUID | None = fields.UUIDField(null=True)
    area_no: int | None = fields.IntField(null=True)
    owner = fields.CharField(max_length=96, null=True)
    object_key = fields.CharField(max_length=64, null=True)
    data_key: bytes | None = fields.BinaryField(null=True)
    digest = fields.CharField(max_length=64, null=True)
    size: int | None = fields.IntField(null=True)
    width: int | None = fields.IntField(null=True)
    height: int | None = fields.IntField(null=True)
    created_at: datetime = fields.DatetimeField()
    uploaded_at: datetime | None = fields.DatetimeField(null=True)
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "evidence"
        indexes = (("case_id",),)
