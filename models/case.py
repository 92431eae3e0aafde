"""An illness episode of one person."""

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.identifier import uuid7
from models.person import Person
from models.state import CaseState, Danger


class Case(Model):
    """A case; `identity` is sealed (name, birth, phone, national id, street), the rest says nothing of who it is.

    `rank` orders the most dangerous first (0 is a red case). Once it was made anonymous, `identity` and
    `phone_hash` are empty for good.

    `test_on` is the day of the positive test, day 0 of the isolation; `release_on` the day on which it may end, as of
    what is known; both are set when the case is confirmed. `check_in_due` is when the next check-in is missed, empty
    where none is awaited, `checks_missed` how many were missed in a row. `state_before` is where a case that was lost
    or merged returns to. `claimed_by` has it in hand until `claimed_until`. `unreached` counts the
    attempts to reach the person that failed since the last that did not. `merged_into` is the case that goes on for it.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="cases", on_delete=fields.RESTRICT
    )
    person_id: UUID
    disease = fields.CharField(max_length=32)
    area_id = fields.CharField(max_length=64)
    area_no = fields.IntField()
    station_id = fields.CharField(max_length=64, null=True)
    state = fields.CharEnumField(CaseState, max_length=24)
    identity: bytes = fields.BinaryField()
    phone_hash = fields.CharField(max_length=64)
    verified = fields.BooleanField()
    sex = fields.CharField(max_length=8)
    age_band = fields.CharField(max_length=8)
    severe = fields.BooleanField()
    high_risk = fields.BooleanField()
    danger = fields.CharEnumField(Danger, max_length=8, null=True)
    rank = fields.SmallIntField()
    opened_at = fields.DatetimeField()
    confirmed_at: datetime | None = fields.DatetimeField(null=True)
    contacted_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    anonymised_at: datetime | None = fields.DatetimeField(null=True)
    version = fields.IntField(default=1, db_default=1)
    test_on: date | None = fields.DateField(null=True)
    vaccine_doses: int | None = fields.SmallIntField(null=True)
    release_on: date | None = fields.DateField(null=True)
    check_in_due: datetime | None = fields.DatetimeField(null=True)
    last_check_in_at: datetime | None = fields.DatetimeField(null=True)
    checks_missed = fields.SmallIntField(default=0, db_default=0)
    unreached = fields.SmallIntField(default=0, db_default=0)
    claimed_by: UUID | None = fields.UUIDField(null=True)
    claimed_until: datetime | None = fields.DatetimeField(null=True)
    state_before: CaseState | None = fields.CharEnumField(  # type: ignore[assignment]  # its own type knows no null
        CaseState, max_length=24, null=True
    )
    merged_into: UUID | None = fields.UUIDField(null=True)

    granted: bool = False
    """No column: whether the reader holds this row by a grant, from beyond their areas."""

    class Meta:
        table = "illness_case"
        indexes = (("person_id",),)


class Assessment(Model):
    """What triage concluded of one report, by which protocol, and why."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    declaration_id = fields.UUIDField()
    case: fields.ForeignKeyRelation[Case] = fields.ForeignKeyField(
        "models.Case", related_name="assessments", on_delete=fields.RESTRICT
    )
    case_id: UUID
    area_no = fields.IntField()
    severe = fields.BooleanField()
    high_risk = fields.BooleanField()
    danger = fields.CharEnumField(Danger, max_length=8, null=True)
    reasons: list[list[str | None]] = fields.JSONField()
    missing: list[list[str]] = fields.JSONField()
    age_from_year = fields.BooleanField()
    protocol = fields.CharField(max_length=64)
    assessed_at = fields.DatetimeField()

    class Meta:
        table = "assessment"
        indexes = (("case_id",), ("declaration_id",))
