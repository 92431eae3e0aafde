"""Who tried to reach somebody, and how it ended."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import ContactOutcome


class ContactAttempt(Model):
    """One attempt to reach the person of a case. `note` (advice given, what was said) is sealed at "contact:<id>"."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="contacts", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    at = fields.DatetimeField()
    account_id: UUID = fields.UUIDField()
    outcome = fields.CharEnumField(ContactOutcome, max_length=16)
    advice: list[str] = fields.JSONField()
    note: bytes | None = fields.BinaryField(null=True)

    class Meta:
        table = "contact_attempt"
        indexes = (("case_id",),)
