"""Certificates that an isolation is over."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import CertificateState


class Certificate(Model):
    """One certificate. `code` is what anybody verifies it by; `content` is what stands in it, sealed at
    "certificate:<id>"; the signed PDF lies encrypted in the object store under `object_key`, its key is `data_key`,
    sealed at "certificate_key:<id>", `digest` the SHA-256 of that PDF. Until `printing_until`, in the database's own
    time, a process is making it.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="certificates", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    station_id = fields.CharField(max_length=64, null=True)
    code = fields.CharField(max_length=24, unique=True)
    state = fields.CharEnumField(CertificateState, max_length=24)
    content: bytes = fields.BinaryField()
    object_key = fields.CharField(max_length=64, null=True)
    data_key: bytes | None = fields.BinaryField(null=True)
    digest = fields.CharField(max_length=64, null=True)
    asked_at = fields.DatetimeField()
    signed_at: datetime | None = fields.DatetimeField(null=True)
    signed_by: UUID | None = fields.UUIDField(null=True)
    revoked_at: datetime | None = fields.DatetimeField(null=True)
    revoked_by: UUID | None = fields.UUIDField(null=True)
    revoke_reason: bytes | None = fields.BinaryField(null=True)
    version = fields.IntField(default=1, db_default=1)
    printing_until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "certificate"
        indexes = (("case_id",), ("area_no", "state"))
