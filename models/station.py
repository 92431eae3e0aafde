"""A health station or a medical centre."""

from tortoise import fields
from tortoise.models import Model

from models.area import Area
from models.state import StationKind


class Station(Model):
    """Who answers for an area: a ward's station, or a district's medical centre."""

    id = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=200)
    phone = fields.CharField(max_length=20, null=True)
    kind = fields.CharEnumField(StationKind, max_length=16)
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="stations", on_delete=fields.RESTRICT
    )
    area_id: str
    area_no = fields.IntField()
    active = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "station"
        indexes = (("area_id",), ("area_no",))
