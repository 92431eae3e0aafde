"""Sessions with refresh tokens, second factors, grants, the audit's chain, and what makes a person anonymous."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.identifier import uuid7
from models.state import AlertChange, GrantKind, Restriction
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

# A session of before has no refresh token and no key that its token would be checked with: everybody signs in anew.
# The counters of the limits are not worth a flush to disk: after a crash they begin at nought.
FORWARD = """
SET LOCAL lock_timeout = '5s';
DELETE FROM session;
ALTER TABLE rate_limit SET UNLOGGED;
CREATE UNIQUE INDEX case_grant_once ON case_grant (grantee, case_id, (coalesce(declaration_id, case_id)));
CREATE INDEX session_by_phone ON session (phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX audit_watched ON audit (id) WHERE action = 'watch_alerts_ended';
CREATE INDEX alert_to_call ON alert ((coalesce(call_at, due_at))) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_to_resolve ON alert (call_at) WHERE state = 'ACKNOWLEDGED';
CREATE INDEX case_to_forget ON illness_case (opened_at) WHERE anonymised_at IS NULL;
"""

BACKWARD = """
SET LOCAL lock_timeout = '5s';
DELETE FROM session;
DROP INDEX alert_to_resolve, alert_to_call, audit_watched, case_to_forget, session_by_phone, case_grant_once;
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0004_verification_and_outbox")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AuditLink",
            fields=[
                ("seq", fields.BigIntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("audit_id", fields.UUIDField(unique=True)),
                ("hash", fields.BinaryField()),
                ("key", fields.CharField(max_length=16)),
                ("sealed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "audit_link",
                "app": "models",
                "pk_attr": "seq",
                "table_description": "One link of the chain: the keyed hash of the record and of the link before. Append only, in sealing order.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditSubject",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("subject", fields.UUIDField()),
                ("audit_id", fields.UUIDField()),
            ],
            options={
                "table": "audit_subject",
                "app": "models",
                "unique_together": (("subject", "audit_id"),),
                "pk_attr": "id",
                "table_description": "Which sealed records name an object: what a case's trail is found by. Written with the links, never changed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseGrant",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="grants",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("declaration_id", fields.UUIDField(null=True)),
                ("grantee", fields.CharField(max_length=96)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="RESIDENT: RESIDENT\nHOSPITAL: HOSPITAL\nSENDER: SENDER",
                        enum_type=GrantKind,
                        max_length=16,
                    ),
                ),
                ("granted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_grant",
                "app": "models",
                "indexes": [Index(fields=["case_id"])],
                "pk_attr": "id",
                "table_description": "One case, or one declaration of it alone, opened to a grantee.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RateLimit",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200)),
                ("hits", fields.IntField()),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "rate_limit",
                "app": "models",
                "indexes": [Index(fields=["expires_at"])],
                "pk_attr": "key",
                "table_description": "One counter of one window. `key` holds keyed hashes, never an address or a phone. A crash may lose it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "session",
                    fields.ForeignKeyField(
                        "models.Session",
                        source_field="session_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="refresh_tokens",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "refresh_token",
                "app": "models",
                "indexes": [Index(fields=["session_id"])],
                "pk_attr": "id",
                "table_description": "One refresh token of a session, kept as a hash; it serves once, and a second use ends the session.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SigningKey",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("public_jwk", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("private_sealed", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("signs_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("signs_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "signing_key",
                "app": "models",
                "pk_attr": "id",
                "table_description": 'One key pair; the private half is sealed at the place "signing:<id>". Times are the database\'s own, real hours.',
            },
            bases=["Model"],
        ),
        ops.AlterField(
            model_name="Account",
            name="password_hash",
            field=fields.CharField(null=True, max_length=200),
        ),
        ops.AddField(
            model_name="Account",
            name="must_change_password",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Account",
            name="password_changed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Account",
            name="subject",
            field=fields.CharField(null=True, unique=True, max_length=255),
        ),
        ops.AddField(
            model_name="Account",
            name="totp_confirmed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Account",
            name="totp_sealed",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Account",
            name="totp_step",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="Account",
            name="version",
            field=fields.IntField(default=1, db_default=1),
        ),
        ops.AddField(
            model_name="Alert",
            name="call_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Alert",
            name="counted_from",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name="AlertEvent",
            name="change",
            field=fields.CharEnumField(
                description="RAISED: RAISED\nESCALATED: ESCALATED\nREMINDED: REMINDED\nRAISED_AGAIN: RAISED_AGAIN\nACKNOWLEDGED: ACKNOWLEDGED\nRESOLVED: RESOLVED\nCARRIED: CARRIED",
                enum_type=AlertChange,
                max_length=16,
            ),
        ),
        ops.AddField(
            model_name="Audit",
            name="origin",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Audit",
            name="request_id",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Audit",
            name="session_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Audit",
            name="why",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Case",
            name="anonymised_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Installation",
            name="access_version",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AlterModelOptions(
            name="Session",
            options={
                "table": "session",
                "app": "models",
                "indexes": [Index(fields=["account_id"])],
                "pk_attr": "id",
                "table_description": "One sign-in: what its access tokens name, and the family of its refresh tokens.",
            },
        ),
        ops.RemoveField(
            model_name="Session",
            name="token_hash",
        ),
        ops.AddField(
            model_name="Session",
            name="end_reason",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name="Session",
            name="origin",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Session",
            name="restriction",
            field=fields.CharEnumField(
                null=True,
                description="PASSWORD: PASSWORD\nSECOND_FACTOR: SECOND_FACTOR",
                enum_type=Restriction,
                max_length=16,
            ),
        ),
        ops.AddField(
            model_name="Submission",
            name="anonymised_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(sql=FORWARD, reverse_sql=BACKWARD),
    ]
