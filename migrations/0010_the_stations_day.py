"""The station's whole day: timelines, claims, check-ins, care, referrals, transfers, evidence, certificates, merges."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.identifier import uuid7
from models.state import (
    AlertChange,
    CaseEventKind,
    CaseState,
    CertificateState,
    ContactOutcome,
    Danger,
    EvidenceKind,
    GrantKind,
    MessageKind,
    ReferralState,
    Role,
    StationKind,
    StockChange,
    TestResult,
    TransferKind,
    TransferState,
)
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

# Whoever waits for a lock makes everybody behind wait too: better to fail and be run again.
FIRST = "SET LOCAL lock_timeout = '5s'"

FORWARD = """
CREATE INDEX case_check_in_due ON illness_case (check_in_due) WHERE check_in_due IS NOT NULL;
CREATE INDEX case_check_in_untimed ON illness_case (id)
  WHERE check_in_due IS NULL AND state IN ('CONFIRMED', 'HOME_ISOLATION', 'RELEASE_DUE');
CREATE INDEX case_merged_into ON illness_case (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX case_release_on ON illness_case (release_on) WHERE state IN ('CONFIRMED', 'HOME_ISOLATION');
CREATE INDEX declaration_asked ON declaration (asked_at) WHERE state = 'NEEDS_INFO';
CREATE UNIQUE INDEX referral_open_once ON referral (case_id)
  WHERE state IN ('REQUESTED', 'ACCEPTED', 'IN_TRANSFER', 'ADMITTED');
CREATE UNIQUE INDEX transfer_open_once ON transfer (case_id) WHERE state = 'REQUESTED';
CREATE UNIQUE INDEX certificate_once ON certificate (case_id) WHERE state <> 'REVOKED';
CREATE UNIQUE INDEX person_merge_once ON person_merge (merged_case_id) WHERE undone_at IS NULL;
CREATE INDEX evidence_of_nobody ON evidence (created_at) WHERE case_id IS NULL;
CREATE INDEX evidence_of_declaration ON evidence (declaration_id) WHERE declaration_id IS NOT NULL;
CREATE INDEX evidence_to_remove ON evidence (id) WHERE object_key IS NOT NULL AND data_key IS NULL;
CREATE INDEX certificate_to_print ON certificate (id) WHERE state = 'SIGNED' AND object_key IS NULL;
CREATE INDEX certificate_to_remove ON certificate (id) WHERE object_key IS NOT NULL AND data_key IS NULL;
ALTER TABLE stock_balance ADD CONSTRAINT stock_not_below_nought CHECK (balance >= 0);
"""

BACKWARD = """
ALTER TABLE stock_balance DROP CONSTRAINT stock_not_below_nought;
DROP INDEX evidence_of_declaration, evidence_to_remove, certificate_to_print, certificate_to_remove, evidence_of_nobody, person_merge_once, certificate_once, transfer_open_once, referral_open_once,
  declaration_asked, case_merged_into, case_release_on, case_check_in_due, case_check_in_untimed;
"""


class Migration(migrations.Migration):
    """Additions only, each new column nullable or with a default: the version before goes on while this is applied."""

    dependencies = [("models", "0009_own_writes")]

    initial = False

    operations = [
        ops.RunSQL(sql=FIRST, reverse_sql=FIRST),
        ops.CreateModel(
            name="CaseEvent",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CONFIRMED: CONFIRMED\nDISMISSED: DISMISSED\nDECLARATION_ACCEPTED: DECLARATION_ACCEPTED\nDECLARATION_REJECTED: DECLARATION_REJECTED\nDECLARATION_DUPLICATE: DECLARATION_DUPLICATE\nDECLARATION_WITHDRAWN: DECLARATION_WITHDRAWN\nDECLARATION_EXPIRED: DECLARATION_EXPIRED\nINFORMATION_REQUESTED: INFORMATION_REQUESTED\nINFORMATION_GIVEN: INFORMATION_GIVEN\nCLAIMED: CLAIMED\nCLAIM_ENDED: CLAIM_ENDED\nCONTACTED: CONTACTED\nNOT_REACHED: NOT_REACHED\nISOLATED: ISOLATED\nCHECKED_IN: CHECKED_IN\nCHECK_IN_MISSED: CHECK_IN_MISSED\nEVIDENCE_ADDED: EVIDENCE_ADDED\nEVIDENCE_REMOVED: EVIDENCE_REMOVED\nPACK_DISPENSED: PACK_DISPENSED\nREFERRED: REFERRED\nREFERRAL_ACCEPTED: REFERRAL_ACCEPTED\nREFERRAL_REFUSED: REFERRAL_REFUSED\nREFERRAL_CANCELLED: REFERRAL_CANCELLED\nIN_TRANSFER: IN_TRANSFER\nADMITTED: ADMITTED\nDISCHARGED: DISCHARGED\nDECEASED: DECEASED\nHAND_OVER_ASKED: HAND_OVER_ASKED\nHANDED_OVER: HANDED_OVER\nHAND_OVER_REFUSED: HAND_OVER_REFUSED\nREROUTED: REROUTED\nSENT_BACK: SENT_BACK\nLOST: LOST\nFOUND: FOUND\nTESTED: TESTED\nTEST_VERIFIED: TEST_VERIFIED\nRELEASE_DUE: RELEASE_DUE\nEXTENDED: EXTENDED\nRELEASED: RELEASED\nCERTIFIED: CERTIFIED\nCERTIFICATE_REVOKED: CERTIFICATE_REVOKED\nMERGED: MERGED\nUNMERGED: UNMERGED\nCORRECTED: CORRECTED",
                        enum_type=CaseEventKind,
                        max_length=24,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=24)),
                ("account_id", fields.UUIDField(null=True)),
                (
                    "state",
                    fields.CharEnumField(
                        description="SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP\nMERGED: MERGED",
                        enum_type=CaseState,
                        max_length=24,
                    ),
                ),
                ("version", fields.IntField()),
                ("subject_id", fields.UUIDField(null=True)),
                ("detail", fields.BinaryField(null=True)),
            ],
            options={
                "table": "case_event",
                "app": "models",
                "indexes": [Index(fields=["case_id", "id"])],
                "pk_attr": "id",
                "table_description": "One line of a case's timeline. Append only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Certificate",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="certificates",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                ("station_id", fields.CharField(null=True, max_length=64)),
                ("code", fields.CharField(unique=True, max_length=24)),
                (
                    "state",
                    fields.CharEnumField(
                        description="AWAITING_SIGNATURE: AWAITING_SIGNATURE\nSIGNED: SIGNED\nREVOKED: REVOKED",
                        enum_type=CertificateState,
                        max_length=24,
                    ),
                ),
                ("content", fields.BinaryField()),
                ("object_key", fields.CharField(null=True, max_length=64)),
                ("data_key", fields.BinaryField(null=True)),
                ("digest", fields.CharField(null=True, max_length=64)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("signed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("signed_by", fields.UUIDField(null=True)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_by", fields.UUIDField(null=True)),
                ("revoke_reason", fields.BinaryField(null=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("printing_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "certificate",
                "app": "models",
                "indexes": [Index(fields=["case_id"]), Index(fields=["area_no", "state"])],
                "pk_attr": "id",
                "table_description": "One certificate. `code` is what anybody verifies it by; `content` is what stands in it, sealed at",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CheckIn",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="check_ins",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                ("idempotency_key", fields.CharField(max_length=128)),
                ("body_hash", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField(null=True)),
                ("report", fields.BinaryField()),
                ("severe", fields.BooleanField()),
                ("high_risk", fields.BooleanField()),
                (
                    "danger",
                    fields.CharEnumField(
                        null=True, description="RED: RED\nAMBER: AMBER", enum_type=Danger, max_length=8
                    ),
                ),
                ("rank", fields.SmallIntField()),
                ("reasons", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("missing", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("protocol", fields.CharField(max_length=64)),
            ],
            options={
                "table": "check_in",
                "app": "models",
                "unique_together": (("case_id", "idempotency_key"),),
                "indexes": [Index(fields=["case_id", "at"])],
                "pk_attr": "id",
                "table_description": 'One check-in, judged like a declaration. `report` is sealed at "check_in:<id>".',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ContactAttempt",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="contacts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField()),
                (
                    "outcome",
                    fields.CharEnumField(
                        description="REACHED: REACHED\nNO_ANSWER: NO_ANSWER\nWRONG_NUMBER: WRONG_NUMBER\nREFUSED: REFUSED",
                        enum_type=ContactOutcome,
                        max_length=16,
                    ),
                ),
                ("advice", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("note", fields.BinaryField(null=True)),
            ],
            options={
                "table": "contact_attempt",
                "app": "models",
                "indexes": [Index(fields=["case_id"])],
                "pk_attr": "id",
                "table_description": 'One attempt to reach the person of a case. `note` (advice given, what was said) is sealed at "contact:<id>".',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Dispensing",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="dispensings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                ("station_id", fields.CharField(max_length=64)),
                ("pack", fields.CharField(max_length=32)),
                ("quantity", fields.SmallIntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField()),
                ("consent", fields.BooleanField()),
                ("protocol", fields.CharField(max_length=64)),
                ("note", fields.BinaryField(null=True)),
            ],
            options={
                "table": "dispensing",
                "app": "models",
                "indexes": [Index(fields=["case_id"])],
                "pk_attr": "id",
                "table_description": 'One pack for one case. `note` (who prescribed it, consent\'s form) is sealed at "dispensing:<id>".',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Evidence",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="TEST: TEST\nIDENTITY_PAPER: IDENTITY_PAPER", enum_type=EvidenceKind, max_length=16
                    ),
                ),
                ("case_id", fields.UUIDField(null=True)),
                ("declaration_id", fields.UUIDField(null=True)),
                ("area_no", fields.IntField(null=True)),
                ("owner", fields.CharField(null=True, max_length=96)),
                ("object_key", fields.CharField(null=True, max_length=64)),
                ("data_key", fields.BinaryField(null=True)),
                ("digest", fields.CharField(null=True, max_length=64)),
                ("size", fields.IntField(null=True)),
                ("width", fields.IntField(null=True)),
                ("height", fields.IntField(null=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("uploaded_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("removed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "evidence",
                "app": "models",
                "indexes": [Index(fields=["case_id"])],
                "pk_attr": "id",
                "table_description": "One photo. It belongs to nobody until a declaration, a check-in or a test names it; then it is its case's.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PersonMerge",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="merges",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                ("merged_case_id", fields.UUIDField()),
                ("person_id", fields.UUIDField()),
                ("merged_person_id", fields.UUIDField()),
                (
                    "state_before",
                    fields.CharEnumField(
                        description="SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP\nMERGED: MERGED",
                        enum_type=CaseState,
                        max_length=24,
                    ),
                ),
                ("detail", fields.BinaryField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField()),
                ("undone_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("undone_by", fields.UUIDField(null=True)),
            ],
            options={
                "table": "person_merge",
                "app": "models",
                "indexes": [Index(fields=["case_id"]), Index(fields=["merged_case_id"])],
                "pk_attr": "id",
                "table_description": "One merge, and whether it was undone. `case_id` goes on, and `merged_case_id` rests in it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Referral",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="referrals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                ("station_id", fields.CharField(null=True, max_length=64)),
                ("hospital_id", fields.CharField(max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        description="REQUESTED: REQUESTED\nACCEPTED: ACCEPTED\nIN_TRANSFER: IN_TRANSFER\nADMITTED: ADMITTED\nREFUSED: REFUSED\nCANCELLED: CANCELLED\nDISCHARGED: DISCHARGED\nDIED: DIED",
                        enum_type=ReferralState,
                        max_length=16,
                    ),
                ),
                ("reason", fields.BinaryField()),
                ("answer", fields.BinaryField(null=True)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("requested_by", fields.UUIDField()),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answered_by", fields.UUIDField(null=True)),
                ("admitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=1, db_default=1)),
            ],
            options={
                "table": "referral",
                "app": "models",
                "indexes": [Index(fields=["case_id"]), Index(fields=["hospital_id", "state"])],
                "pk_attr": "id",
                "table_description": 'One hospital that was asked to take the person of a case. `reason` is sealed at "referral:<id>", and so is',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReleaseTest",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="release_tests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                ("kind", fields.CharField(max_length=32)),
                ("taken_on", fields.DateField()),
                (
                    "result",
                    fields.CharEnumField(
                        description="NEGATIVE: NEGATIVE\nPOSITIVE: POSITIVE", enum_type=TestResult, max_length=16
                    ),
                ),
                ("supervised", fields.BooleanField()),
                ("evidence_id", fields.UUIDField(null=True)),
                ("sent_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sent_by", fields.UUIDField(null=True)),
                ("verified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("verified_by", fields.UUIDField(null=True)),
                ("refused_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "release_test",
                "app": "models",
                "indexes": [Index(fields=["case_id"])],
                "pk_attr": "id",
                "table_description": "One test of a confirmed case, sent by the resident or done by staff; it counts once staff has verified it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StockBalance",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=97)),
                ("station_id", fields.CharField(max_length=64)),
                ("area_no", fields.IntField()),
                ("pack", fields.CharField(max_length=32)),
                ("balance", fields.IntField()),
            ],
            options={
                "table": "stock_balance",
                "app": "models",
                "unique_together": (("station_id", "pack"),),
                "pk_attr": "id",
                "table_description": "How many packs a station has now; never below nought, which the database holds.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StockEntry",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                ("station_id", fields.CharField(max_length=64)),
                ("area_no", fields.IntField()),
                ("pack", fields.CharField(max_length=32)),
                ("change", fields.IntField()),
                ("balance", fields.IntField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="RECEIVED: RECEIVED\nDISPENSED: DISPENSED\nRETURNED: RETURNED\nCORRECTED: CORRECTED",
                        enum_type=StockChange,
                        max_length=16,
                    ),
                ),
                ("reason", fields.CharField(null=True, max_length=200)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField()),
                ("dispensing_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "stock_entry",
                "app": "models",
                "indexes": [Index(fields=["station_id", "pack", "id"])],
                "pk_attr": "id",
                "table_description": "One change of a station's stock of a pack, by `change` (positive or negative). Append only: a slip of the pen is",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Transfer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True)),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.Case",
                        source_field="case_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="transfers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("area_no", fields.IntField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="REROUTE: REROUTE\nHAND_OVER: HAND_OVER", enum_type=TransferKind, max_length=16
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="REQUESTED: REQUESTED\nACCEPTED: ACCEPTED\nREFUSED: REFUSED\nCANCELLED: CANCELLED",
                        enum_type=TransferState,
                        max_length=16,
                    ),
                ),
                ("from_area_id", fields.CharField(max_length=64)),
                ("from_no", fields.IntField()),
                ("from_station_id", fields.CharField(null=True, max_length=64)),
                ("to_area_id", fields.CharField(max_length=64)),
                ("to_station_id", fields.CharField(null=True, max_length=64)),
                ("reason", fields.BinaryField()),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("asked_by", fields.UUIDField()),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answered_by", fields.UUIDField(null=True)),
                ("version", fields.IntField(default=1, db_default=1)),
            ],
            options={
                "table": "transfer",
                "app": "models",
                "indexes": [
                    Index(fields=["case_id"]),
                    Index(fields=["area_no", "state"]),
                    Index(fields=["from_no", "state"]),
                ],
                "pk_attr": "id",
                "table_description": "One passing on. `area_no` is where to, `from_no` where from: both sides see it, the sender for good.",
            },
            bases=["Model"],
        ),
        ops.AlterField(
            model_name="Account",
            name="role",
            field=fields.CharEnumField(
                description="STATION_STAFF: STATION_STAFF\nSTATION_HEAD: STATION_HEAD\nMEDICAL_CENTRE: MEDICAL_CENTRE\nCOMMITTEE: COMMITTEE\nDEPARTMENT: DEPARTMENT\nADMINISTRATOR: ADMINISTRATOR\nHOSPITAL: HOSPITAL",
                enum_type=Role,
                max_length=16,
            ),
        ),
        ops.AddField(
            model_name="Account",
            name="doctor",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Alert",
            name="check_in_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AlterField(
            model_name="AlertEvent",
            name="change",
            field=fields.CharEnumField(
                description="RAISED: RAISED\nESCALATED: ESCALATED\nREMINDED: REMINDED\nRAISED_AGAIN: RAISED_AGAIN\nACKNOWLEDGED: ACKNOWLEDGED\nRESOLVED: RESOLVED\nCARRIED: CARRIED\nWORSENED: WORSENED",
                enum_type=AlertChange,
                max_length=16,
            ),
        ),
        ops.AddField(
            model_name="AreaCount",
            name="completed",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="AreaCount",
            name="deceased",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="AreaCount",
            name="hospitalised",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AlterField(
            model_name="Case",
            name="state",
            field=fields.CharEnumField(
                description="SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP\nMERGED: MERGED",
                enum_type=CaseState,
                max_length=24,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="check_in_due",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Case",
            name="checks_missed",
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Case",
            name="claimed_by",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Case",
            name="claimed_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Case",
            name="last_check_in_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Case",
            name="merged_into",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Case",
            name="release_on",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Case",
            name="state_before",
            field=fields.CharEnumField(
                null=True,
                description="SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP\nMERGED: MERGED",
                enum_type=CaseState,
                max_length=24,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="test_on",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Case",
            name="unreached",
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Case",
            name="vaccine_doses",
            field=fields.SmallIntField(null=True),
        ),
        ops.AlterField(
            model_name="CaseGrant",
            name="kind",
            field=fields.CharEnumField(
                description="RESIDENT: RESIDENT\nHOSPITAL: HOSPITAL\nSENDER: SENDER\nRECEIVER: RECEIVER",
                enum_type=GrantKind,
                max_length=16,
            ),
        ),
        ops.AddField(
            model_name="Declaration",
            name="asked",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="Declaration",
            name="asked_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Declaration",
            name="completed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Declaration",
            name="duplicate_of",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Declaration",
            name="entered_by",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Declaration",
            name="version",
            field=fields.IntField(default=1, db_default=1),
        ),
        ops.AlterField(
            model_name="OutboxMessage",
            name="kind",
            field=fields.CharEnumField(
                description="CODE: CODE\nRECEIVED: RECEIVED\nCONFIRMED: CONFIRMED\nREFUSED: REFUSED\nNEEDS_INFO: NEEDS_INFO\nRELEASED: RELEASED\nALERT: ALERT\nCERTIFICATE: CERTIFICATE\nREFERRAL: REFERRAL",
                enum_type=MessageKind,
                max_length=16,
            ),
        ),
        ops.AlterField(
            model_name="Station",
            name="kind",
            field=fields.CharEnumField(
                description="WARD_STATION: WARD_STATION\nMEDICAL_CENTRE: MEDICAL_CENTRE\nHOSPITAL: HOSPITAL",
                enum_type=StationKind,
                max_length=16,
            ),
        ),
        ops.RunSQL(sql=FORWARD, reverse_sql=BACKWARD),
    ]
