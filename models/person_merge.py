"""Two cases that were found to be of one person."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import CaseState


class PersonMerge(Model):
    """One merge, and whether it was undone. `case_id` goes on, and `merged_case_id` rests in it.

    Nothing of either is rewritten but what `detail` has both before and after of, sealed at "person_merge:<id>": so
    undoing it restores both, and what was done since stays with the side that it was done to.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="merges", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    merged_case_id: UUID = fields.UUIDField()
    person_id: UUID = fields.UUIDField()
    merged_person_id: UUID = fields.UUIDField()
    state_before = fields.CharEnumField(CaseState, max_length=24)
    detail: bytes = fields.BinaryField()
    at = fields.DatetimeField()
    account_id: UUID = fields.UUIDField()
    undone_at: datetime | None = fields.DatetimeField(null=True)
    undone_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "person_merge"
        indexes = (("case_id",), ("merged_case_id",))
