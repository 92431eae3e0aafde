"""How often somebody has tried something lately."""

from tortoise import fields
from tortoise.models import Model


class RateLimit(Model):
    """One counter of one window. `key` holds keyed hashes, never an address or a phone. A crash may lose it."""

    key = fields.CharField(max_length=200, primary_key=True)
    hits = fields.IntField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "rate_limit"
        indexes = (("expires_at",),)
