"""A person, of whom only keyed hashes are kept."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7


class Person(Model):
    """Somebody who was reported; who they are is sealed in their cases, not here."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    created_at = fields.DatetimeField()

    class Meta:
        table = "person"


class PersonKey(Model):
    """A keyed hash by which a person is known again: of the national id, or of phone, name and birth."""

    hash = fields.CharField(max_length=64, primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="keys", on_delete=fields.RESTRICT
    )
    person_id: UUID

    class Meta:
        table = "person_key"
        indexes = (("person_id",),)
