"""Who did what to whom, and the chain that shows whether somebody has changed it since."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7


class Audit(Model):
    """One act. Append only; it names objects by their identifiers and holds nothing of a person.

    `origin` is the keyed hash of the address that the act came from, `why` the reason that was given, sealed at the
    place "audit:<id>".
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    at = fields.DatetimeField()
    account_id: UUID | None = fields.UUIDField(null=True)
    session_id: UUID | None = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=24)
    action = fields.CharField(max_length=48)
    area_no: int | None = fields.IntField(null=True)
    objects: list[str] = fields.JSONField()
    detail: dict[str, object] = fields.JSONField()
    origin = fields.CharField(max_length=64, null=True)
    request_id = fields.CharField(max_length=64, null=True)
    why: bytes | None = fields.BinaryField(null=True)

    class Meta:
        table = "audit"


class AuditLink(Model):
    """One link of the chain: the keyed hash of the record and of the link before. Append only, in sealing order.

    `area_no` is no part of a record's hash, because it changes when areas are numbered anew. `sealed_at` is the
    database's own time, in real hours: up to when everything had been sealed, but for what commits late.
    """

    seq = fields.BigIntField(primary_key=True, generated=False)
    audit_id: UUID = fields.UUIDField(unique=True)
    hash = fields.BinaryField()
    key = fields.CharField(max_length=16)
    sealed_at = fields.DatetimeField()

    class Meta:
        table = "audit_link"


class AuditSubject(Model):
    """Which sealed records name an object: what a case's trail is found by. Written with the links, never changed.

    A table of its own and no index over `Audit.objects`: so a declaration does not pay for it, and a page of a hundred
    cases is entered a minute later, when nobody waits for it.
    """

    id = fields.BigIntField(primary_key=True)
    subject: UUID = fields.UUIDField()
    audit_id: UUID = fields.UUIDField()

    class Meta:
        table = "audit_subject"
        unique_together = (("subject", "audit_id"),)
