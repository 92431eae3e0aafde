"""What is seen of a case beyond the range of areas that it lies in."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import GrantKind


class CaseGrant(Model):
    """One case, or one declaration of it alone, opened to a grantee.

    `grantee` is "phone:<keyed hash>" for a resident and "station:<code>" for a station. A grant that names a
    declaration opens that declaration and its assessment, and of the case how it stands, never who it is: the case's
    identity may be from somebody else's report.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="grants", on_delete=fields.RESTRICT
    )
    case_id: UUID
    declaration_id: UUID | None = fields.UUIDField(null=True)
    grantee = fields.CharField(max_length=96)
    kind = fields.CharEnumField(GrantKind, max_length=16)
    granted_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "case_grant"
        indexes = (("case_id",),)
