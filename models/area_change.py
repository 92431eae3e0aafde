"""A step of the administrative tree from one day to the next."""

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7


class AreaChange(Model):
    """One line of a change of areas: what became of `from_id` on its day, and to what share it went to `to_id`."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    effective_date = fields.DateField()
    kind = fields.CharField(max_length=16)
    from_id = fields.CharField(max_length=64)
    to_id = fields.CharField(max_length=64)
    share = fields.DecimalField(max_digits=7, decimal_places=6)
    legal_basis = fields.CharField(max_length=300)
    applied_at = fields.DatetimeField(null=True)

    class Meta:
        table = "area_change"
        unique_together = (("effective_date", "kind", "from_id", "to_id"),)
        indexes = (("from_id",), ("to_id",))
