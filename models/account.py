"""Somebody who signs in, and the sessions they have open."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.area import Area
from models.identifier import uuid7
from models.state import Restriction, Role
from models.station import Station


class Account(Model):
    """A member of staff: a role at a place.

    `password_hash` is empty for whoever signs in with the department's own provider only, where `subject` is the name
    that the provider knows the account by. `totp_sealed` is the second factor's secret at the place "totp:<id>",
    `totp_step` the last time step that was used, so that no code serves twice. `doctor` is whether the person may
    prescribe.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    username = fields.CharField(max_length=64, unique=True)
    password_hash = fields.CharField(max_length=200, null=True)
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
    must_change_password = fields.BooleanField(default=False, db_default=False)
    password_changed_at: datetime | None = fields.DatetimeField(null=True)
    subject = fields.CharField(max_length=255, null=True, unique=True)
    totp_sealed: bytes | None = fields.BinaryField(null=True)
    totp_confirmed_at: datetime | None = fields.DatetimeField(null=True)
    totp_step: int | None = fields.BigIntField(null=True)
    version = fields.IntField(default=1, db_default=1)
    doctor = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "account"
        indexes = (("area_id",), ("station_id",))


class Session(Model):
    """One sign-in: what its access tokens name, and the family of its refresh tokens.

    `restriction` is what stands between a session and everything else: a password or a second factor that has to be set
    first. `origin` is the keyed hash of the address it was opened from, `end_reason` a word for why it has
    ended. `wrote_position` is how far the write-ahead log had been written when the session last changed something, in
    bytes. Times are the database's own, in real hours.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="sessions", null=True, on_delete=fields.RESTRICT
    )
    account_id: UUID | None
    phone_hash = fields.CharField(max_length=64, null=True)
    restriction = fields.CharEnumField(Restriction, max_length=16, null=True)
    origin = fields.CharField(max_length=64, null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    end_reason = fields.CharField(max_length=32, null=True)
    wrote_position: int | None = fields.BigIntField(null=True)

    class Meta:
        table = "session"
        indexes = (("account_id",),)


class RefreshToken(Model):
    """One refresh token of a session, kept as a hash; it serves once, and a second use ends the session."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "models.Session", related_name="refresh_tokens", on_delete=fields.CASCADE
    )
    session_id: UUID
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "refresh_token"
        indexes = (("session_id",),)
