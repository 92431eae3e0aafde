-- Printed from the migrations by `khaibao migrate --write`; not to be changed by hand.
CREATE TABLE "tortoise_migrations" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
);
-- 0001_initial
CREATE TABLE "ack_histogram" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "area_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "disease" VARCHAR(32) NOT NULL,
    "day" DATE NOT NULL,
    "bucket" SMALLINT NOT NULL,
    "count" INT NOT NULL,
    CONSTRAINT "uid_ack_histogr_area_no_7c6da7" UNIQUE ("area_no", "disease", "day", "bucket")
);
COMMENT ON TABLE "ack_histogram" IS 'How many alerts of a ward were acknowledged within the seconds of one bucket, of a day and of ALL_DAYS.';
CREATE TABLE "area" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "level" SMALLINT NOT NULL,
    "type" VARCHAR(32) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "name_en" VARCHAR(200) NOT NULL,
    "national_code" VARCHAR(16) NOT NULL,
    "pcode" VARCHAR(32),
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "source" VARCHAR(200) NOT NULL,
    "lo" INT NOT NULL UNIQUE,
    "hi" INT NOT NULL,
    "search_name" VARCHAR(200) NOT NULL,
    "parent_id" VARCHAR(64) REFERENCES "area" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_area_parent__fe69a5" ON "area" ("parent_id");
CREATE INDEX "idx_area_nationa_ac3605" ON "area" ("national_code");
CREATE INDEX "idx_area_search__065031" ON "area" ("search_name");
COMMENT ON TABLE "area" IS 'One area at one time: its identity is `id`, never its national code, which a later area may carry.';
CREATE TABLE "area_change" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "effective_date" DATE NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "from_id" VARCHAR(64) NOT NULL,
    "to_id" VARCHAR(64) NOT NULL,
    "share" DECIMAL(7,6) NOT NULL,
    "legal_basis" VARCHAR(300) NOT NULL,
    "applied_at" TIMESTAMPTZ,
    CONSTRAINT "uid_area_change_effecti_866117" UNIQUE ("effective_date", "kind", "from_id", "to_id")
);
CREATE INDEX "idx_area_change_from_id_534782" ON "area_change" ("from_id");
CREATE INDEX "idx_area_change_to_id_bcf889" ON "area_change" ("to_id");
COMMENT ON TABLE "area_change" IS 'One line of a change of areas: what became of `from_id` on its day, and to what share it went to `to_id`.';
CREATE TABLE "area_count" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "area_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "disease" VARCHAR(32) NOT NULL,
    "day" DATE NOT NULL,
    "declared" INT NOT NULL DEFAULT 0,
    "severe" INT NOT NULL DEFAULT 0,
    "high_risk" INT NOT NULL DEFAULT 0,
    "confirmed" INT NOT NULL DEFAULT 0,
    "active" INT NOT NULL DEFAULT 0,
    "pending" INT NOT NULL DEFAULT 0,
    "contacted" INT NOT NULL DEFAULT 0,
    "alerts" INT NOT NULL DEFAULT 0,
    "open_alerts" INT NOT NULL DEFAULT 0,
    "acknowledged" INT NOT NULL DEFAULT 0,
    "version" BIGINT NOT NULL DEFAULT 0,
    "last_action_at" TIMESTAMPTZ,
    CONSTRAINT "uid_area_count_area_no_dc0692" UNIQUE ("area_no", "disease", "day")
);
COMMENT ON TABLE "area_count" IS 'A ward''s counters of one day, and of ALL_DAYS. Ancestors are sums over a range of `area_no`.';
CREATE TABLE "audit" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID,
    "actor" VARCHAR(24) NOT NULL,
    "action" VARCHAR(48) NOT NULL,
    "area_no" INT,
    "objects" JSONB NOT NULL,
    "detail" JSONB NOT NULL
);
COMMENT ON TABLE "audit" IS 'One act. Append only; it names objects by their identifiers and holds nothing of a person.';
CREATE TABLE "installation" (
    "id" SMALLINT NOT NULL  PRIMARY KEY,
    "mode" VARCHAR(16) NOT NULL,
    "clock_offset_us" BIGINT NOT NULL DEFAULT 0
);
COMMENT ON COLUMN "installation"."mode" IS 'PRODUCTION: production\nDEMO: demo\nTEST: test';
COMMENT ON TABLE "installation" IS 'The one row that says what the database is for, and how far its clock was moved (microseconds).';
CREATE TABLE "person" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "person" IS 'Somebody who was reported; who they are is sealed in their cases, not here.';
CREATE TABLE "illness_case" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "disease" VARCHAR(32) NOT NULL,
    "area_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "station_id" VARCHAR(64),
    "state" VARCHAR(24) NOT NULL,
    "identity" BYTEA NOT NULL,
    "phone_hash" VARCHAR(64) NOT NULL,
    "verified" BOOL NOT NULL,
    "sex" VARCHAR(8) NOT NULL,
    "age_band" VARCHAR(8) NOT NULL,
    "severe" BOOL NOT NULL,
    "high_risk" BOOL NOT NULL,
    "danger" VARCHAR(8),
    "rank" SMALLINT NOT NULL,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "confirmed_at" TIMESTAMPTZ,
    "contacted_at" TIMESTAMPTZ,
    "closed_at" TIMESTAMPTZ,
    "version" INT NOT NULL DEFAULT 1,
    "person_id" UUID NOT NULL REFERENCES "person" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_illness_cas_person__7e20e4" ON "illness_case" ("person_id");
COMMENT ON COLUMN "illness_case"."state" IS 'SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP';
COMMENT ON COLUMN "illness_case"."danger" IS 'RED: RED\nAMBER: AMBER';
COMMENT ON TABLE "illness_case" IS 'A case; `identity` is sealed (name, birth, phone, national id, street), the rest says nothing of who it is.';
CREATE TABLE "alert" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "declaration_id" UUID NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "danger" VARCHAR(8),
    "rank" SMALLINT NOT NULL,
    "disease" VARCHAR(32) NOT NULL,
    "area_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "station_id" VARCHAR(64),
    "verified" BOOL NOT NULL,
    "protocol" VARCHAR(64) NOT NULL,
    "reasons" JSONB NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "level" VARCHAR(16) NOT NULL,
    "raised_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "acknowledged_by" UUID,
    "acknowledged_at" TIMESTAMPTZ,
    "resolved_by" UUID,
    "resolved_at" TIMESTAMPTZ,
    "outcome" VARCHAR(16),
    "note" BYTEA,
    "version" INT NOT NULL DEFAULT 1,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_alert_case_id_92f2d9" ON "alert" ("case_id");
COMMENT ON COLUMN "alert"."kind" IS 'SEVERE: SEVERE\nHIGH_RISK: HIGH_RISK\nMISSED_CHECK_IN: MISSED_CHECK_IN';
COMMENT ON COLUMN "alert"."danger" IS 'RED: RED\nAMBER: AMBER';
COMMENT ON COLUMN "alert"."state" IS 'RAISED: RAISED\nESCALATED: ESCALATED\nACKNOWLEDGED: ACKNOWLEDGED\nRESOLVED: RESOLVED';
COMMENT ON COLUMN "alert"."level" IS 'STATION: station\nMEDICAL_CENTRE: medical_centre\nCITY: city';
COMMENT ON COLUMN "alert"."outcome" IS 'ADVISED: ADVISED\nDISPENSED: DISPENSED\nVISITED: VISITED\nREFERRED: REFERRED\nUNREACHABLE: UNREACHABLE\nFALSE_ALARM: FALSE_ALARM';
COMMENT ON TABLE "alert" IS 'One alert; `rank` orders the most dangerous first: 0 RED, 1 AMBER, 2 HIGH_RISK, 3 others.';
CREATE TABLE "alert_event" (
    "seq" BIGINT NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "change" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "level" VARCHAR(16) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID,
    "alert_id" UUID NOT NULL REFERENCES "alert" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_alert_event_alert_i_9d7da8" ON "alert_event" ("alert_id");
COMMENT ON COLUMN "alert_event"."change" IS 'RAISED: RAISED\nESCALATED: ESCALATED\nACKNOWLEDGED: ACKNOWLEDGED\nRESOLVED: RESOLVED\nCARRIED: CARRIED';
COMMENT ON COLUMN "alert_event"."state" IS 'RAISED: RAISED\nESCALATED: ESCALATED\nACKNOWLEDGED: ACKNOWLEDGED\nRESOLVED: RESOLVED';
COMMENT ON COLUMN "alert_event"."level" IS 'STATION: station\nMEDICAL_CENTRE: medical_centre\nCITY: city';
COMMENT ON TABLE "alert_event" IS 'One line of the alert log. `seq` is given under ALERT_LOG_LOCK, so that its order is the order of commits.';
CREATE TABLE "assessment" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "declaration_id" UUID NOT NULL,
    "area_no" INT NOT NULL,
    "severe" BOOL NOT NULL,
    "high_risk" BOOL NOT NULL,
    "danger" VARCHAR(8),
    "reasons" JSONB NOT NULL,
    "missing" JSONB NOT NULL,
    "age_from_year" BOOL NOT NULL,
    "protocol" VARCHAR(64) NOT NULL,
    "assessed_at" TIMESTAMPTZ NOT NULL,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_assessment_case_id_145441" ON "assessment" ("case_id");
CREATE INDEX "idx_assessment_declara_55b2f5" ON "assessment" ("declaration_id");
COMMENT ON COLUMN "assessment"."danger" IS 'RED: RED\nAMBER: AMBER';
COMMENT ON TABLE "assessment" IS 'What triage concluded of one report, by which protocol, and why.';
CREATE TABLE "person_key" (
    "hash" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "person_id" UUID NOT NULL REFERENCES "person" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_person_key_person__0efe12" ON "person_key" ("person_id");
COMMENT ON TABLE "person_key" IS 'A keyed hash by which a person is known again: of the national id, or of phone, name and birth.';
CREATE TABLE "presence" (
    "id" VARCHAR(110) NOT NULL  PRIMARY KEY,
    "process" UUID NOT NULL,
    "station_id" VARCHAR(64) NOT NULL,
    "sockets" INT NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_presence_station_434526" ON "presence" ("station_id");
COMMENT ON TABLE "presence" IS 'A station that a process has sockets of; a row not seen for a while is of a process that died.';
CREATE TABLE "protocol" (
    "version" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "disease" VARCHAR(32) NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "body" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_protocol_disease_7dce5e" ON "protocol" ("disease", "valid_from");
COMMENT ON TABLE "protocol" IS 'A protocol''s file as it was published; what was assessed by it must stay explainable, so it is never changed.';
CREATE TABLE "station" (
    "id" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "name" VARCHAR(200) NOT NULL,
    "phone" VARCHAR(20),
    "kind" VARCHAR(16) NOT NULL,
    "area_no" INT NOT NULL,
    "active" BOOL NOT NULL DEFAULT TRUE,
    "area_id" VARCHAR(64) NOT NULL REFERENCES "area" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_station_area_id_1a2fac" ON "station" ("area_id");
CREATE INDEX "idx_station_area_no_c8ce95" ON "station" ("area_no");
COMMENT ON COLUMN "station"."kind" IS 'WARD_STATION: WARD_STATION\nMEDICAL_CENTRE: MEDICAL_CENTRE';
COMMENT ON TABLE "station" IS 'Who answers for an area: a ward''s station, or a district''s medical centre.';
CREATE TABLE "account" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "username" VARCHAR(64) NOT NULL UNIQUE,
    "password_hash" VARCHAR(200) NOT NULL,
    "display_name" VARCHAR(200) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "disabled_at" TIMESTAMPTZ,
    "area_id" VARCHAR(64) NOT NULL REFERENCES "area" ("id") ON DELETE RESTRICT,
    "station_id" VARCHAR(64) REFERENCES "station" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_account_area_id_d1b85e" ON "account" ("area_id");
CREATE INDEX "idx_account_station_61cbe2" ON "account" ("station_id");
COMMENT ON COLUMN "account"."role" IS 'STATION_STAFF: STATION_STAFF\nSTATION_HEAD: STATION_HEAD\nMEDICAL_CENTRE: MEDICAL_CENTRE\nCOMMITTEE: COMMITTEE\nDEPARTMENT: DEPARTMENT\nADMINISTRATOR: ADMINISTRATOR';
COMMENT ON TABLE "account" IS 'A member of staff: a role at a place.';
CREATE TABLE "session" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "phone_hash" VARCHAR(64),
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "account_id" UUID REFERENCES "account" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_session_account_2a0f19" ON "session" ("account_id");
COMMENT ON TABLE "session" IS 'One sign-in. Only the token''s hash is kept: who reads this table can sign in as nobody.';
CREATE TABLE "submission" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "idempotency_key" VARCHAR(128) NOT NULL UNIQUE,
    "body_hash" VARCHAR(64) NOT NULL,
    "receipt_code" VARCHAR(16) NOT NULL UNIQUE,
    "disease" VARCHAR(32) NOT NULL,
    "area_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "station_id" VARCHAR(64),
    "verified" BOOL NOT NULL,
    "phone_hash" VARCHAR(64) NOT NULL,
    "contact" BYTEA NOT NULL,
    "submitted_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "submission" IS 'One call of `declare`: a household with its contact, its receipt and its idempotency key.';
CREATE TABLE "declaration" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "position" SMALLINT NOT NULL,
    "disease" VARCHAR(32) NOT NULL,
    "area_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "station_id" VARCHAR(64),
    "state" VARCHAR(16) NOT NULL,
    "possible_duplicate" BOOL NOT NULL,
    "verified" BOOL NOT NULL,
    "severe" BOOL NOT NULL,
    "high_risk" BOOL NOT NULL,
    "danger" VARCHAR(8),
    "rank" SMALLINT NOT NULL,
    "report" BYTEA NOT NULL,
    "submitted_at" TIMESTAMPTZ NOT NULL,
    "day" DATE NOT NULL,
    "handled_at" TIMESTAMPTZ,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT,
    "submission_id" UUID NOT NULL REFERENCES "submission" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_declaration_submiss_cde59d" ON "declaration" ("submission_id");
CREATE INDEX "idx_declaration_case_id_712cbd" ON "declaration" ("case_id");
COMMENT ON COLUMN "declaration"."state" IS 'SUBMITTED: SUBMITTED\nACCEPTED: ACCEPTED\nNEEDS_INFO: NEEDS_INFO\nREJECTED: REJECTED\nDUPLICATE: DUPLICATE\nREROUTED: REROUTED\nWITHDRAWN: WITHDRAWN\nEXPIRED: EXPIRED';
COMMENT ON COLUMN "declaration"."danger" IS 'RED: RED\nAMBER: AMBER';
COMMENT ON TABLE "declaration" IS 'One person reported.';
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0001_initial', clock_timestamp());
-- 0002_indexes_and_log
SET LOCAL lock_timeout = '5s';
CREATE SEQUENCE alert_log_number AS bigint CACHE 1;
CREATE INDEX alert_open_by_area ON alert (area_no, rank, raised_at, id) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_open_by_danger ON alert (rank, raised_at, id) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_due ON alert (due_at) INCLUDE (area_no, station_id, disease) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_by_area ON alert (area_no, rank, raised_at, id);
CREATE INDEX alert_by_danger ON alert (rank, raised_at, id);
CREATE INDEX case_by_area ON illness_case (area_no, rank, opened_at, id);
CREATE INDEX case_by_danger ON illness_case (rank, opened_at, id);
CREATE INDEX case_open_by_person ON illness_case (person_id, disease) WHERE closed_at IS NULL;
CREATE INDEX declaration_by_area ON declaration (area_no, rank, submitted_at, id);
CREATE INDEX declaration_by_danger ON declaration (rank, submitted_at, id);
CREATE INDEX declaration_pending_by_area ON declaration (area_no, rank, submitted_at, id) WHERE state = 'SUBMITTED';
CREATE UNIQUE INDEX station_one_a_ward ON station (area_id) WHERE active AND kind = 'WARD_STATION';
CREATE INDEX area_count_totals ON area_count (area_no, disease) WHERE day = DATE '0001-01-01';
CREATE INDEX audit_by_moment ON audit USING brin (at);
ALTER TABLE area_count SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE ack_histogram SET (fillfactor = 70);
ALTER TABLE alert SET (fillfactor = 80);
ALTER TABLE illness_case SET (fillfactor = 85);
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0002_indexes_and_log', clock_timestamp());
-- 0003_page_indexes
SET LOCAL lock_timeout = '5s';
DROP INDEX alert_open_by_area, alert_open_by_danger, alert_by_area, alert_by_danger, case_by_area, case_by_danger,
  declaration_by_area, declaration_by_danger, declaration_pending_by_area, area_count_totals;
CREATE INDEX alert_by_state ON alert (state, rank, raised_at, id, area_no);
CREATE INDEX alert_by_area ON alert (area_no, state, rank, raised_at, id);
CREATE INDEX case_by_state ON illness_case (state, rank, opened_at, id, area_no);
CREATE INDEX case_by_area ON illness_case (area_no, state, rank, opened_at, id);
CREATE INDEX case_high_risk ON illness_case (state, rank, opened_at, id, area_no) WHERE high_risk;
CREATE INDEX declaration_by_state ON declaration (state, rank, submitted_at, id, area_no);
CREATE INDEX declaration_by_area ON declaration (area_no, state, rank, submitted_at, id);
CREATE INDEX declaration_doubtful ON declaration (state, rank, submitted_at, id, area_no) WHERE possible_duplicate;
CREATE INDEX area_count_by_day ON area_count (day, disease, area_no);
CREATE INDEX ack_histogram_by_day ON ack_histogram (day, disease, area_no);
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0003_page_indexes', clock_timestamp());
-- 0004_verification_and_outbox
CREATE TABLE "outbox_message" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "priority" SMALLINT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "not_before" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "useful_until" TIMESTAMPTZ NOT NULL,
    "attempts" INT NOT NULL DEFAULT 0,
    "state" VARCHAR(16) NOT NULL,
    "reason" VARCHAR(32),
    "gateway" VARCHAR(32),
    "settled_at" TIMESTAMPTZ
);
COMMENT ON COLUMN "outbox_message"."kind" IS 'CODE: CODE';
COMMENT ON COLUMN "outbox_message"."state" IS 'QUEUED: QUEUED\nHANDED_OVER: HANDED_OVER\nDROPPED: DROPPED';
COMMENT ON TABLE "outbox_message" IS 'One message, written in the transaction of the fact that caused it and sent after its commit.';
CREATE TABLE "verification" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "phone_hash" VARCHAR(64) NOT NULL,
    "code_hash" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "tries" SMALLINT NOT NULL DEFAULT 0,
    "used_at" TIMESTAMPTZ
);
CREATE INDEX "idx_verificatio_phone_h_cfd3c2" ON "verification" ("phone_hash", "created_at");
COMMENT ON TABLE "verification" IS 'One code that was sent. Of phone and code only keyed hashes stand: who reads this table learns neither.';
SET LOCAL lock_timeout = '5s';
CREATE INDEX outbox_message_due ON outbox_message (priority, not_before) WHERE state = 'QUEUED';
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0004_verification_and_outbox', clock_timestamp());
-- 0005_identity_and_privacy
CREATE TABLE "audit_link" (
    "seq" BIGINT NOT NULL  PRIMARY KEY,
    "audit_id" UUID NOT NULL UNIQUE,
    "hash" BYTEA NOT NULL,
    "key" VARCHAR(16) NOT NULL,
    "sealed_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "audit_link" IS 'One link of the chain: the keyed hash of the record and of the link before. Append only, in sealing order.';
CREATE TABLE "audit_subject" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "subject" UUID NOT NULL,
    "audit_id" UUID NOT NULL,
    CONSTRAINT "uid_audit_subje_subject_46b146" UNIQUE ("subject", "audit_id")
);
COMMENT ON TABLE "audit_subject" IS 'Which sealed records name an object: what a case''s trail is found by. Written with the links, never changed.';
CREATE TABLE "case_grant" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "declaration_id" UUID,
    "grantee" VARCHAR(96) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "granted_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_case_grant_case_id_a39623" ON "case_grant" ("case_id");
COMMENT ON COLUMN "case_grant"."kind" IS 'RESIDENT: RESIDENT\nHOSPITAL: HOSPITAL\nSENDER: SENDER';
COMMENT ON TABLE "case_grant" IS 'One case, or one declaration of it alone, opened to a grantee.';
CREATE TABLE "rate_limit" (
    "key" VARCHAR(200) NOT NULL  PRIMARY KEY,
    "hits" INT NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_rate_limit_expires_e668f8" ON "rate_limit" ("expires_at");
COMMENT ON TABLE "rate_limit" IS 'One counter of one window. `key` holds keyed hashes, never an address or a phone. A crash may lose it.';
CREATE TABLE "refresh_token" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "session_id" UUID NOT NULL REFERENCES "session" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_refresh_tok_session_e0eedc" ON "refresh_token" ("session_id");
COMMENT ON TABLE "refresh_token" IS 'One refresh token of a session, kept as a hash; it serves once, and a second use ends the session.';
CREATE TABLE "signing_key" (
    "id" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "public_jwk" JSONB NOT NULL,
    "private_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "signs_from" TIMESTAMPTZ NOT NULL,
    "signs_until" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "signing_key" IS 'One key pair; the private half is sealed at the place \"signing:<id>\". Times are the database''s own, real hours.';
ALTER TABLE "account" ALTER COLUMN "password_hash" DROP NOT NULL;
ALTER TABLE "account" ADD COLUMN "must_change_password" BOOL NOT NULL DEFAULT FALSE;
ALTER TABLE "account" ADD COLUMN "password_changed_at" TIMESTAMPTZ;
ALTER TABLE "account" ADD COLUMN "subject" VARCHAR(255)  UNIQUE;
ALTER TABLE "account" ADD COLUMN "totp_confirmed_at" TIMESTAMPTZ;
ALTER TABLE "account" ADD COLUMN "totp_sealed" BYTEA;
ALTER TABLE "account" ADD COLUMN "totp_step" BIGINT;
ALTER TABLE "account" ADD COLUMN "version" INT NOT NULL DEFAULT 1;
ALTER TABLE "alert" ADD COLUMN "call_at" TIMESTAMPTZ;
ALTER TABLE "alert" ADD COLUMN "counted_from" TIMESTAMPTZ;
COMMENT ON COLUMN "alert_event"."change" IS 'RAISED: RAISED\nESCALATED: ESCALATED\nREMINDED: REMINDED\nRAISED_AGAIN: RAISED_AGAIN\nACKNOWLEDGED: ACKNOWLEDGED\nRESOLVED: RESOLVED\nCARRIED: CARRIED';
ALTER TABLE "audit" ADD COLUMN "origin" VARCHAR(64);
ALTER TABLE "audit" ADD COLUMN "request_id" VARCHAR(64);
ALTER TABLE "audit" ADD COLUMN "session_id" UUID;
ALTER TABLE "audit" ADD COLUMN "why" BYTEA;
ALTER TABLE "illness_case" ADD COLUMN "anonymised_at" TIMESTAMPTZ;
ALTER TABLE "installation" ADD COLUMN "access_version" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "session" DROP COLUMN "token_hash" CASCADE;
ALTER TABLE "session" ADD COLUMN "end_reason" VARCHAR(32);
ALTER TABLE "session" ADD COLUMN "origin" VARCHAR(64);
ALTER TABLE "session" ADD COLUMN "restriction" VARCHAR(16);
ALTER TABLE "submission" ADD COLUMN "anonymised_at" TIMESTAMPTZ;
SET LOCAL lock_timeout = '5s';
DELETE FROM session;
ALTER TABLE rate_limit SET UNLOGGED;
CREATE UNIQUE INDEX case_grant_once ON case_grant (grantee, case_id, (coalesce(declaration_id, case_id)));
CREATE INDEX session_by_phone ON session (phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX audit_watched ON audit (id) WHERE action = 'watch_alerts_ended';
CREATE INDEX alert_to_call ON alert ((coalesce(call_at, due_at))) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_to_resolve ON alert (call_at) WHERE state = 'ACKNOWLEDGED';
CREATE INDEX case_to_forget ON illness_case (opened_at) WHERE anonymised_at IS NULL;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0005_identity_and_privacy', clock_timestamp());
-- 0006_message_receipts
ALTER TABLE "outbox_message" ADD COLUMN "gateway_id" VARCHAR(128);
ALTER TABLE "outbox_message" ADD COLUMN "reported_at" TIMESTAMPTZ;
ALTER TABLE "outbox_message" ADD COLUMN "subject_id" UUID;
COMMENT ON COLUMN "outbox_message"."kind" IS 'CODE: CODE\nRECEIVED: RECEIVED\nCONFIRMED: CONFIRMED\nREFUSED: REFUSED\nNEEDS_INFO: NEEDS_INFO\nRELEASED: RELEASED\nALERT: ALERT';
COMMENT ON COLUMN "outbox_message"."state" IS 'QUEUED: QUEUED\nHANDED_OVER: HANDED_OVER\nDELIVERED: DELIVERED\nFAILED: FAILED\nDROPPED: DROPPED';
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0006_message_receipts', clock_timestamp());
-- 0007_duty
CREATE TABLE "duty" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "level" VARCHAR(16) NOT NULL,
    "station_id" VARCHAR(64),
    "area_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "channel" VARCHAR(8) NOT NULL,
    "sealed" BYTEA NOT NULL,
    "weekdays" VARCHAR(7) NOT NULL,
    "starts" SMALLINT NOT NULL,
    "ends" SMALLINT NOT NULL,
    "quiet_from" SMALLINT,
    "quiet_until" SMALLINT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "version" INT NOT NULL DEFAULT 1
);
CREATE INDEX "idx_duty_station_aac06d" ON "duty" ("station_id");
CREATE INDEX "idx_duty_area_no_a908be" ON "duty" ("area_no");
COMMENT ON COLUMN "duty"."level" IS 'STATION: station\nMEDICAL_CENTRE: medical_centre\nCITY: city';
COMMENT ON COLUMN "duty"."channel" IS 'SMS: SMS';
COMMENT ON TABLE "duty" IS 'One person''s hours at a station, a medical centre, or for the city: `station_id` is None for the city''s.';
CREATE TABLE "gathering" (
    "key" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "open_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "gathering" IS 'When the next text of a kind may go to somebody, in the database''s own time: until then messages gather.';
ALTER TABLE "outbox_message" ADD COLUMN "gather_key" VARCHAR(64);
ALTER TABLE "outbox_message" ADD COLUMN "gathered_in" UUID;
SET LOCAL lock_timeout = '5s';
CREATE INDEX outbox_message_to_gather ON outbox_message (gather_key, not_before)
  WHERE state = 'QUEUED' AND gather_key IS NOT NULL AND gathered_in IS NULL;
CREATE INDEX outbox_message_gathered ON outbox_message (gathered_in) WHERE gathered_in IS NOT NULL;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0007_duty', clock_timestamp());
-- 0008_event_written
ALTER TABLE "alert_event" ADD COLUMN "written_at" TIMESTAMPTZ;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0008_event_written', clock_timestamp());
-- 0009_own_writes
ALTER TABLE "session" ADD COLUMN "wrote_position" BIGINT;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0009_own_writes', clock_timestamp());
-- 0010_the_stations_day
SET LOCAL lock_timeout = '5s';
CREATE TABLE "case_event" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "kind" VARCHAR(24) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(24) NOT NULL,
    "account_id" UUID,
    "state" VARCHAR(24) NOT NULL,
    "version" INT NOT NULL,
    "subject_id" UUID,
    "detail" BYTEA,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_case_event_case_id_da00f8" ON "case_event" ("case_id", "id");
COMMENT ON COLUMN "case_event"."kind" IS 'CONFIRMED: CONFIRMED\nDISMISSED: DISMISSED\nDECLARATION_ACCEPTED: DECLARATION_ACCEPTED\nDECLARATION_REJECTED: DECLARATION_REJECTED\nDECLARATION_DUPLICATE: DECLARATION_DUPLICATE\nDECLARATION_WITHDRAWN: DECLARATION_WITHDRAWN\nDECLARATION_EXPIRED: DECLARATION_EXPIRED\nINFORMATION_REQUESTED: INFORMATION_REQUESTED\nINFORMATION_GIVEN: INFORMATION_GIVEN\nCLAIMED: CLAIMED\nCLAIM_ENDED: CLAIM_ENDED\nCONTACTED: CONTACTED\nNOT_REACHED: NOT_REACHED\nISOLATED: ISOLATED\nCHECKED_IN: CHECKED_IN\nCHECK_IN_MISSED: CHECK_IN_MISSED\nEVIDENCE_ADDED: EVIDENCE_ADDED\nEVIDENCE_REMOVED: EVIDENCE_REMOVED\nPACK_DISPENSED: PACK_DISPENSED\nREFERRED: REFERRED\nREFERRAL_ACCEPTED: REFERRAL_ACCEPTED\nREFERRAL_REFUSED: REFERRAL_REFUSED\nREFERRAL_CANCELLED: REFERRAL_CANCELLED\nIN_TRANSFER: IN_TRANSFER\nADMITTED: ADMITTED\nDISCHARGED: DISCHARGED\nDECEASED: DECEASED\nHAND_OVER_ASKED: HAND_OVER_ASKED\nHANDED_OVER: HANDED_OVER\nHAND_OVER_REFUSED: HAND_OVER_REFUSED\nREROUTED: REROUTED\nSENT_BACK: SENT_BACK\nLOST: LOST\nFOUND: FOUND\nTESTED: TESTED\nTEST_VERIFIED: TEST_VERIFIED\nRELEASE_DUE: RELEASE_DUE\nEXTENDED: EXTENDED\nRELEASED: RELEASED\nCERTIFIED: CERTIFIED\nCERTIFICATE_REVOKED: CERTIFICATE_REVOKED\nMERGED: MERGED\nUNMERGED: UNMERGED\nCORRECTED: CORRECTED';
COMMENT ON COLUMN "case_event"."state" IS 'SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP\nMERGED: MERGED';
COMMENT ON TABLE "case_event" IS 'One line of a case''s timeline. Append only.';
CREATE TABLE "certificate" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "station_id" VARCHAR(64),
    "code" VARCHAR(24) NOT NULL UNIQUE,
    "state" VARCHAR(24) NOT NULL,
    "content" BYTEA NOT NULL,
    "object_key" VARCHAR(64),
    "data_key" BYTEA,
    "digest" VARCHAR(64),
    "asked_at" TIMESTAMPTZ NOT NULL,
    "signed_at" TIMESTAMPTZ,
    "signed_by" UUID,
    "revoked_at" TIMESTAMPTZ,
    "revoked_by" UUID,
    "revoke_reason" BYTEA,
    "version" INT NOT NULL DEFAULT 1,
    "printing_until" TIMESTAMPTZ,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_certificate_case_id_11b290" ON "certificate" ("case_id");
CREATE INDEX "idx_certificate_area_no_1df4ea" ON "certificate" ("area_no", "state");
COMMENT ON COLUMN "certificate"."state" IS 'AWAITING_SIGNATURE: AWAITING_SIGNATURE\nSIGNED: SIGNED\nREVOKED: REVOKED';
COMMENT ON TABLE "certificate" IS 'One certificate. `code` is what anybody verifies it by; `content` is what stands in it, sealed at';
CREATE TABLE "check_in" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "idempotency_key" VARCHAR(128) NOT NULL,
    "body_hash" VARCHAR(64) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID,
    "report" BYTEA NOT NULL,
    "severe" BOOL NOT NULL,
    "high_risk" BOOL NOT NULL,
    "danger" VARCHAR(8),
    "rank" SMALLINT NOT NULL,
    "reasons" JSONB NOT NULL,
    "missing" JSONB NOT NULL,
    "protocol" VARCHAR(64) NOT NULL,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_check_in_case_id_d2d7a6" UNIQUE ("case_id", "idempotency_key")
);
CREATE INDEX "idx_check_in_case_id_b539f7" ON "check_in" ("case_id", "at");
COMMENT ON COLUMN "check_in"."danger" IS 'RED: RED\nAMBER: AMBER';
COMMENT ON TABLE "check_in" IS 'One check-in, judged like a declaration. `report` is sealed at \"check_in:<id>\".';
CREATE TABLE "contact_attempt" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID NOT NULL,
    "outcome" VARCHAR(16) NOT NULL,
    "advice" JSONB NOT NULL,
    "note" BYTEA,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_contact_att_case_id_429fc7" ON "contact_attempt" ("case_id");
COMMENT ON COLUMN "contact_attempt"."outcome" IS 'REACHED: REACHED\nNO_ANSWER: NO_ANSWER\nWRONG_NUMBER: WRONG_NUMBER\nREFUSED: REFUSED';
COMMENT ON TABLE "contact_attempt" IS 'One attempt to reach the person of a case. `note` (advice given, what was said) is sealed at \"contact:<id>\".';
CREATE TABLE "dispensing" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "station_id" VARCHAR(64) NOT NULL,
    "pack" VARCHAR(32) NOT NULL,
    "quantity" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID NOT NULL,
    "consent" BOOL NOT NULL,
    "protocol" VARCHAR(64) NOT NULL,
    "note" BYTEA,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_dispensing_case_id_de3bcc" ON "dispensing" ("case_id");
COMMENT ON TABLE "dispensing" IS 'One pack for one case. `note` (who prescribed it, consent''s form) is sealed at \"dispensing:<id>\".';
CREATE TABLE "evidence" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "case_id" UUID,
    "declaration_id" UUID,
    "area_no" INT,
    "owner" VARCHAR(96),
    "object_key" VARCHAR(64),
    "data_key" BYTEA,
    "digest" VARCHAR(64),
    "size" INT,
    "width" INT,
    "height" INT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "uploaded_at" TIMESTAMPTZ,
    "removed_at" TIMESTAMPTZ
);
CREATE INDEX "idx_evidence_case_id_c3aae4" ON "evidence" ("case_id");
COMMENT ON COLUMN "evidence"."kind" IS 'TEST: TEST\nIDENTITY_PAPER: IDENTITY_PAPER';
COMMENT ON TABLE "evidence" IS 'One photo. It belongs to nobody until a declaration, a check-in or a test names it; then it is its case''s.';
CREATE TABLE "person_merge" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "merged_case_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "merged_person_id" UUID NOT NULL,
    "state_before" VARCHAR(24) NOT NULL,
    "detail" BYTEA NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID NOT NULL,
    "undone_at" TIMESTAMPTZ,
    "undone_by" UUID,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_person_merg_case_id_771067" ON "person_merge" ("case_id");
CREATE INDEX "idx_person_merg_merged__3dd72c" ON "person_merge" ("merged_case_id");
COMMENT ON COLUMN "person_merge"."state_before" IS 'SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP\nMERGED: MERGED';
COMMENT ON TABLE "person_merge" IS 'One merge, and whether it was undone. `case_id` goes on, and `merged_case_id` rests in it.';
CREATE TABLE "referral" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "station_id" VARCHAR(64),
    "hospital_id" VARCHAR(64) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "reason" BYTEA NOT NULL,
    "answer" BYTEA,
    "requested_at" TIMESTAMPTZ NOT NULL,
    "requested_by" UUID NOT NULL,
    "answered_at" TIMESTAMPTZ,
    "answered_by" UUID,
    "admitted_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "version" INT NOT NULL DEFAULT 1,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_referral_case_id_b091e4" ON "referral" ("case_id");
CREATE INDEX "idx_referral_hospita_27c2bd" ON "referral" ("hospital_id", "state");
COMMENT ON COLUMN "referral"."state" IS 'REQUESTED: REQUESTED\nACCEPTED: ACCEPTED\nIN_TRANSFER: IN_TRANSFER\nADMITTED: ADMITTED\nREFUSED: REFUSED\nCANCELLED: CANCELLED\nDISCHARGED: DISCHARGED\nDIED: DIED';
COMMENT ON TABLE "referral" IS 'One hospital that was asked to take the person of a case. `reason` is sealed at \"referral:<id>\", and so is';
CREATE TABLE "release_test" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "taken_on" DATE NOT NULL,
    "result" VARCHAR(16) NOT NULL,
    "supervised" BOOL NOT NULL,
    "evidence_id" UUID,
    "sent_at" TIMESTAMPTZ NOT NULL,
    "sent_by" UUID,
    "verified_at" TIMESTAMPTZ,
    "verified_by" UUID,
    "refused_at" TIMESTAMPTZ,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_release_tes_case_id_9f03ea" ON "release_test" ("case_id");
COMMENT ON COLUMN "release_test"."result" IS 'NEGATIVE: NEGATIVE\nPOSITIVE: POSITIVE';
COMMENT ON TABLE "release_test" IS 'One test of a confirmed case, sent by the resident or done by staff; it counts once staff has verified it.';
CREATE TABLE "stock_balance" (
    "id" VARCHAR(97) NOT NULL  PRIMARY KEY,
    "station_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "pack" VARCHAR(32) NOT NULL,
    "balance" INT NOT NULL,
    CONSTRAINT "uid_stock_balan_station_21a11b" UNIQUE ("station_id", "pack")
);
COMMENT ON TABLE "stock_balance" IS 'How many packs a station has now; never below nought, which the database holds.';
CREATE TABLE "stock_entry" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "station_id" VARCHAR(64) NOT NULL,
    "area_no" INT NOT NULL,
    "pack" VARCHAR(32) NOT NULL,
    "change" INT NOT NULL,
    "balance" INT NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "reason" VARCHAR(200),
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID NOT NULL,
    "dispensing_id" UUID
);
CREATE INDEX "idx_stock_entry_station_cd9dfb" ON "stock_entry" ("station_id", "pack", "id");
COMMENT ON COLUMN "stock_entry"."kind" IS 'RECEIVED: RECEIVED\nDISPENSED: DISPENSED\nRETURNED: RETURNED\nCORRECTED: CORRECTED';
COMMENT ON TABLE "stock_entry" IS 'One change of a station''s stock of a pack, by `change` (positive or negative). Append only: a slip of the pen is';
CREATE TABLE "transfer" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "area_no" INT NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "from_area_id" VARCHAR(64) NOT NULL,
    "from_no" INT NOT NULL,
    "from_station_id" VARCHAR(64),
    "to_area_id" VARCHAR(64) NOT NULL,
    "to_station_id" VARCHAR(64),
    "reason" BYTEA NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "asked_by" UUID NOT NULL,
    "answered_at" TIMESTAMPTZ,
    "answered_by" UUID,
    "version" INT NOT NULL DEFAULT 1,
    "case_id" UUID NOT NULL REFERENCES "illness_case" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_transfer_case_id_0e65ad" ON "transfer" ("case_id");
CREATE INDEX "idx_transfer_area_no_54aa9f" ON "transfer" ("area_no", "state");
CREATE INDEX "idx_transfer_from_no_23faf6" ON "transfer" ("from_no", "state");
COMMENT ON COLUMN "transfer"."kind" IS 'REROUTE: REROUTE\nHAND_OVER: HAND_OVER';
COMMENT ON COLUMN "transfer"."state" IS 'REQUESTED: REQUESTED\nACCEPTED: ACCEPTED\nREFUSED: REFUSED\nCANCELLED: CANCELLED';
COMMENT ON TABLE "transfer" IS 'One passing on. `area_no` is where to, `from_no` where from: both sides see it, the sender for good.';
COMMENT ON COLUMN "account"."role" IS 'STATION_STAFF: STATION_STAFF\nSTATION_HEAD: STATION_HEAD\nMEDICAL_CENTRE: MEDICAL_CENTRE\nCOMMITTEE: COMMITTEE\nDEPARTMENT: DEPARTMENT\nADMINISTRATOR: ADMINISTRATOR\nHOSPITAL: HOSPITAL';
ALTER TABLE "account" ADD COLUMN "doctor" BOOL NOT NULL DEFAULT FALSE;
ALTER TABLE "alert" ADD COLUMN "check_in_id" UUID;
COMMENT ON COLUMN "alert_event"."change" IS 'RAISED: RAISED\nESCALATED: ESCALATED\nREMINDED: REMINDED\nRAISED_AGAIN: RAISED_AGAIN\nACKNOWLEDGED: ACKNOWLEDGED\nRESOLVED: RESOLVED\nCARRIED: CARRIED\nWORSENED: WORSENED';
ALTER TABLE "area_count" ADD COLUMN "completed" INT NOT NULL DEFAULT 0;
ALTER TABLE "area_count" ADD COLUMN "deceased" INT NOT NULL DEFAULT 0;
ALTER TABLE "area_count" ADD COLUMN "hospitalised" INT NOT NULL DEFAULT 0;
COMMENT ON COLUMN "illness_case"."state" IS 'SUSPECTED: SUSPECTED\nCONFIRMED: CONFIRMED\nNOT_A_CASE: NOT_A_CASE\nHOME_ISOLATION: HOME_ISOLATION\nREFERRED: REFERRED\nHOSPITALISED: HOSPITALISED\nRELEASE_DUE: RELEASE_DUE\nCOMPLETED: COMPLETED\nCERTIFIED: CERTIFIED\nDECEASED: DECEASED\nLOST_TO_FOLLOW_UP: LOST_TO_FOLLOW_UP\nMERGED: MERGED';
ALTER TABLE "illness_case" ADD COLUMN "check_in_due" TIMESTAMPTZ;
ALTER TABLE "illness_case" ADD COLUMN "checks_missed" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "illness_case" ADD COLUMN "claimed_by" UUID;
ALTER TABLE "illness_case" ADD COLUMN "claimed_until" TIMESTAMPTZ;
ALTER TABLE "illness_case" ADD COLUMN "last_check_in_at" TIMESTAMPTZ;
ALTER TABLE "illness_case" ADD COLUMN "merged_into" UUID;
ALTER TABLE "illness_case" ADD COLUMN "release_on" DATE;
ALTER TABLE "illness_case" ADD COLUMN "state_before" VARCHAR(24);
ALTER TABLE "illness_case" ADD COLUMN "test_on" DATE;
ALTER TABLE "illness_case" ADD COLUMN "unreached" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "illness_case" ADD COLUMN "vaccine_doses" SMALLINT;
COMMENT ON COLUMN "case_grant"."kind" IS 'RESIDENT: RESIDENT\nHOSPITAL: HOSPITAL\nSENDER: SENDER\nRECEIVER: RECEIVER';
ALTER TABLE "declaration" ADD COLUMN "asked" BYTEA;
ALTER TABLE "declaration" ADD COLUMN "asked_at" TIMESTAMPTZ;
ALTER TABLE "declaration" ADD COLUMN "completed_at" TIMESTAMPTZ;
ALTER TABLE "declaration" ADD COLUMN "duplicate_of" UUID;
ALTER TABLE "declaration" ADD COLUMN "entered_by" UUID;
ALTER TABLE "declaration" ADD COLUMN "version" INT NOT NULL DEFAULT 1;
COMMENT ON COLUMN "outbox_message"."kind" IS 'CODE: CODE\nRECEIVED: RECEIVED\nCONFIRMED: CONFIRMED\nREFUSED: REFUSED\nNEEDS_INFO: NEEDS_INFO\nRELEASED: RELEASED\nALERT: ALERT\nCERTIFICATE: CERTIFICATE\nREFERRAL: REFERRAL';
COMMENT ON COLUMN "station"."kind" IS 'WARD_STATION: WARD_STATION\nMEDICAL_CENTRE: MEDICAL_CENTRE\nHOSPITAL: HOSPITAL';
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
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0010_the_stations_day', clock_timestamp());
-- 0011_own_work
SET LOCAL lock_timeout = '5s';
CREATE INDEX alert_taken_by ON alert (acknowledged_by) WHERE state = 'ACKNOWLEDGED';
CREATE INDEX case_claimed_by ON illness_case (claimed_by) WHERE claimed_by IS NOT NULL;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('models', '0011_own_work', clock_timestamp());
