"""The keys that access tokens are signed with."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class SigningKey(Model):
    """One key pair; the private half is sealed at the place "signing:<id>". Times are the database's own, real hours.

    A key is published before it signs, so that whoever checks tokens knows it in time, and after it has ceased to, for
    as long as a token of its making may live.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    public_jwk: dict[str, str] = fields.JSONField()
    private_sealed: bytes = fields.BinaryField()
    created_at = fields.DatetimeField()
    signs_from: datetime = fields.DatetimeField()
    signs_until: datetime = fields.DatetimeField()

    class Meta:
        table = "signing_key"
