"""A node of the administrative tree."""

from tortoise import fields
from tortoise.models import Model


class Area(Model):
    """One area at one time: its identity is `id`, never its national code, which a later area may carry.

    `lo` is the area's own number; every area of its subtree has its `lo` within `lo`..`hi`.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    parent: fields.ForeignKeyNullableRelation["Area"] = fields.ForeignKeyField(
        "models.Area", related_name="children", null=True, on_delete=fields.RESTRICT
    )
    parent_id: str | None
    level = fields.SmallIntField()
    type = fields.CharField(max_length=32)
    name = fields.CharField(max_length=200)
    name_en = fields.CharField(max_length=200)
    national_code = fields.CharField(max_length=16)
    pcode = fields.CharField(max_length=32, null=True)
    valid_from = fields.DateField()
    valid_to = fields.DateField(null=True)
    source = fields.CharField(max_length=200)
    lo = fields.IntField(unique=True)
    hi = fields.IntField()
    search_name = fields.CharField(max_length=200)

    class Meta:
        table = "area"
        indexes = (("parent_id",), ("national_code",), ("search_name",))
