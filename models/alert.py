"""A call to a station to act, and the log of all that happens to such calls."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.case import Case
from models.identifier import uuid7
from models.state import AlertChange, AlertKind, AlertState, Danger, Level, Outcome


class Alert(Model):
    """One alert; `rank` orders the most dangerous first: 0 RED, 1 AMBER, 2 HIGH_RISK, 3 others.

    `due_at` is when the station must have answered, and stays when the alert climbs: what is overdue remains so.
    `call_at` is when to look at it again: at an open one to call the next level (at `due_at` where it is empty), at an
    acknowledged one to raise it again. `counted_from` is from when its times count, where that is not `raised_at`: it
    was raised again, or the clock was set back. `check_in_id` is the check-in that raised it or raised it up; without
    one it is from `declaration_id`, the case's report.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="alerts", on_delete=fields.RESTRICT
    )
    case_id: UUID
    declaration_id = fields.UUIDField()
    kind = fields.CharEnumField(AlertKind, max_length=16)
    danger = fields.CharEnumField(Danger, max_length=8, null=True)
    rank = fields.SmallIntField()
    disease = fields.CharField(max_length=32)
    area_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    station_id = fields.CharField(max_length=64, null=True)
    verified = fields.BooleanField()
    protocol = fields.CharField(max_length=64)
    reasons: list[list[str | None]] = fields.JSONField()
    state = fields.CharEnumField(AlertState, max_length=16)
    level = fields.CharEnumField(Level, max_length=16)
    raised_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    call_at: datetime | None = fields.DatetimeField(null=True)
    counted_from: datetime | None = fields.DatetimeField(null=True)
    acknowledged_by: UUID | None = fields.UUIDField(null=True)
    acknowledged_at: datetime | None = fields.DatetimeField(null=True)
    resolved_by: UUID | None = fields.UUIDField(null=True)
    resolved_at: datetime | None = fields.DatetimeField(null=True)
    outcome = fields.CharEnumField(Outcome, max_length=16, null=True)
    note: bytes | None = fields.BinaryField(null=True)
    check_in_id: UUID | None = fields.UUIDField(null=True)
    version = fields.IntField(default=1, db_default=1)

    class Meta:
        table = "alert"
        indexes = (("case_id",),)


class AlertEvent(Model):
    """One line of the alert log. `seq` is given under ALERT_LOG_LOCK, so that its order is the order of commits.

    `written_at` is the database's own time just before its commit, to measure from; a version before did not write it.
    """

    seq = fields.BigIntField(primary_key=True, generated=False)
    alert: fields.ForeignKeyRelation[Alert] = fields.ForeignKeyField(
        "models.Alert", related_name="events", on_delete=fields.RESTRICT
    )
    alert_id: UUID
    area_no = fields.IntField()
    change = fields.CharEnumField(AlertChange, max_length=16)
    state = fields.CharEnumField(AlertState, max_length=16)
    level = fields.CharEnumField(Level, max_length=16)
    at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    account_id: UUID | None = fields.UUIDField(null=True)
    written_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "alert_event"
        indexes = (("alert_id",),)
