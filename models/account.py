"""Somebody who signs in, and the sessions they have open."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.area import Area
from models.identifier import uuid7
from models.state import Role
from models.station import Station


class Account(Model):
    """A member of staff: a role at a place."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    username = fields.CharField(max_length=64, unique=True)
    password_hash = fields.CharField(max_length=200)
    display_name = fields.CharField(max_length=200)
    role = fields.CharEnumField(Role, max_length=16)
    area: fields.ForeignKeyRelation[Area] = fields.ForeignKeyField(
        "models.Area", related_name="accounts", on_delete=fields.RESTRICT
    )
    area_id: str
    station: fields.ForeignKeyNullableRelation[Station] = fields.ForeignKeyField(
        "models.Station", related_name="accounts", null=True, on_delete=fields.RESTRICT
    )
    station_id: str | None
    created_at = fields.DatetimeField()
    disabled_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "account"
        indexes = (("area_id",), ("station_id",))


class Session(Model):
    """One sign-in. Only the token's hash is kept: who reads this table can sign in as nobody."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="sessions", null=True, on_delete=fields.RESTRICT
    )
    account_id: UUID | None
    phone_hash = fields.CharField(max_length=64, null=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "session"
        indexes = (("account_id",),)
