"""What was done to a case, line by line."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import CaseEventKind, CaseState


class CaseEvent(Model):
    """One line of a case's timeline. Append only.

    `state` and `version` are the case's after it. `subject_id` is what it is about where that is not the case: a
    declaration, a referral, a check-in. `detail` is sealed at "case_event:<id>", for it may name somebody; None where
    there is nothing to say.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="events", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    kind = fields.CharEnumField(CaseEventKind, max_length=24)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=24)
    account_id: UUID | None = fields.UUIDField(null=True)
    state = fields.CharEnumField(CaseState, max_length=24)
    version = fields.IntField()
    subject_id: UUID | None = fields.UUIDField(null=True)
    detail: bytes | None = fields.BinaryField(null=True)

    class Meta:
        table = "case_event"
        indexes = (("case_id", "id"),)
