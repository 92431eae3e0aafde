-- Everything that one person's declaration writes, in one statement. Without arrays, which one person does not need.
WITH s AS (
  INSERT INTO submission (id, idempotency_key, body_hash, receipt_code, disease, area_id, area_no, station_id, verified,
    phone_hash, contact, submitted_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, false, $9, $10, $11)
  ON CONFLICT (idempotency_key) DO NOTHING RETURNING id
), p AS (
  INSERT INTO person (id, created_at) SELECT $15::uuid, $11 FROM s
), k AS (
  INSERT INTO person_key (hash, person_id) SELECT u.hash, $15::uuid FROM s, unnest($27::text[]) AS u (hash)
  ORDER BY u.hash ON CONFLICT (hash) DO NOTHING
), c AS (
  INSERT INTO illness_case (id, person_id, disease, area_id, area_no, station_id, state, identity, phone_hash, verified,
    sex, age_band, severe, high_risk, danger, rank, opened_at)
  SELECT $14::uuid, $15::uuid, $5, $6, $7, $8, 'SUSPECTED', $16::bytea, $9, false, $17::text, $18::text, $19::bool,
    false, $20::text, $21::smallint, $11 FROM s
), r AS (
  INSERT INTO declaration (id, submission_id, position, case_id, disease, area_id, area_no, station_id, state,
    possible_duplicate, verified, severe, high_risk, danger, rank, report, submitted_at, day)
  SELECT $13::uuid, $1, 0, $14::uuid, $5, $6, $7, $8, 'SUBMITTED', $28::bool, false, $19::bool, false, $20::text,
    $21::smallint, $22::bytea, $11, $12::date FROM s
), a AS (
  INSERT INTO assessment (id, declaration_id, case_id, area_no, severe, high_risk, danger, reasons, missing,
    age_from_year, protocol, assessed_at)
  SELECT $23::uuid, $13::uuid, $14::uuid, $7, $19::bool, false, $20::text, $24::jsonb, $25::jsonb, false, $26::text,
    $11 FROM s
), l AS (
  INSERT INTO alert (id, case_id, declaration_id, kind, danger, rank, disease, area_id, area_no, station_id, verified,
    protocol, reasons, state, level, raised_at, due_at)
  SELECT $32::uuid, $14::uuid, $13::uuid, 'SEVERE', $20::text, $21::smallint, $5, $6, $7, $8, false, $26::text,
    $24::jsonb, 'RAISED', 'station', $11, $33::timestamptz FROM s WHERE $32::uuid IS NOT NULL
), n AS (
  INSERT INTO area_count AS t (area_id, area_no, disease, day, declared, severe, high_risk, pending, alerts,
    open_alerts, version)
  SELECT $6, $7, $5, v.day, 1, $19::bool::int, 0, 1, $19::bool::int, $19::bool::int, 1
  FROM s, (VALUES (date '-infinity'), ($12::date)) AS v (day)
  ON CONFLICT (area_no, disease, day) DO UPDATE SET declared = t.declared + excluded.declared,
    severe = t.severe + excluded.severe, high_risk = t.high_risk + excluded.high_risk,
    pending = t.pending + excluded.pending, alerts = t.alerts + excluded.alerts,
    open_alerts = t.open_alerts + excluded.open_alerts, version = t.version + 1
), w AS (
  INSERT INTO audit (id, at, actor, action, area_no, objects, detail, origin, request_id)
  SELECT $29::uuid, $11, 'ANONYMOUS', 'declare', $7, jsonb_build_array($1), '{}', $30::text, $31::text FROM s
)
SELECT id FROM s
