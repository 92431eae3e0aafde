"""A past of so many cases, written into a measured server's database at once: what months of work would leave there."""

from bench.demo_server import DemoServer

DAYS = 90
_NOW = "timestamptz '2022-03-18 12:00+07'"

# Each case with one declaration and one assessment; every ninth has an alert, as in March 2022. What was raised before
# the last day is taken, but for one in ten, which nobody ever took: an old backlog grows with the cases.
_LOAD = f"""
CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT gen_random_uuid() AS case_id, gen_random_uuid() AS person_id, gen_random_uuid() AS declaration_id,
  gen_random_uuid() AS submission_id, n, w.id AS area_id, w.lo AS area_no, s.id AS station_id,
  {_NOW} - (n::float8 / $1 * {DAYS} * interval '1 day') AS at,
  CASE WHEN n % 45 = 0 THEN 0 WHEN n % 11 = 0 THEN 1 WHEN n % 66 = 5 THEN 2 ELSE 3 END AS rank
FROM generate_series(1, $1::bigint) AS n
JOIN (SELECT id, lo, row_number() OVER (ORDER BY lo) - 1 AS place, count(*) OVER () AS wards FROM area
      WHERE level = 3) AS w ON w.place = (n * 7919) % w.wards
LEFT JOIN station s ON s.area_id = w.id AND s.kind = 'WARD_STATION'
"""
_STATEMENTS = (
    "INSERT INTO person (id, created_at) SELECT person_id, at FROM made",
    """INSERT INTO submission (id, idempotency_key, body_hash, receipt_code, disease, area_id, area_no, station_id,
      verified, phone_hash, contact, submitted_at)
    SELECT submission_id, submission_id::text, '', 'h' || n, 'covid19', area_id, area_no, station_id, false,
      md5(n::text), ''::bytea, at FROM made""",
    """INSERT INTO illness_case (id, person_id, disease, area_id, area_no, station_id, state, identity, phone_hash,
      verified, sex, age_band, severe, high_risk, danger, rank, opened_at)
    SELECT case_id, person_id, 'covid19', area_id, area_no, station_id, 'SUSPECTED', sha256(n::text::bytea) ||
      sha256((n + 1)::text::bytea) || sha256((n + 2)::text::bytea), md5(n::text), false, 'female', '18-49', rank < 2,
      rank = 2, CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, rank, at FROM made""",
    """INSERT INTO declaration (id, submission_id, position, case_id, disease, area_id, area_no, station_id, state,
      possible_duplicate, verified, severe, high_risk, danger, rank, report, submitted_at, day)
    SELECT declaration_id, submission_id, 0, case_id, 'covid19', area_id, area_no, station_id, 'SUBMITTED', false,
      false, rank < 2, rank = 2, CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, rank,
      sha256(n::text::bytea) || sha256((n + 1)::text::bytea), at, (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    FROM made""",
    """INSERT INTO assessment (id, declaration_id, case_id, area_no, severe, high_risk, danger, reasons, missing,
      age_from_year, protocol, assessed_at)
    SELECT gen_random_uuid(), declaration_id, case_id, area_no, rank < 2, rank = 2,
      CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, '[]', '[]', false, 'covid19-hcmc-2022-03-17', at
    FROM made""",
    f"""INSERT INTO alert (id, case_id, declaration_id, kind, danger, rank, disease, area_id, area_no, station_id,
      verified, protocol, reasons, state, level, raised_at, due_at, acknowledged_at)
    SELECT gen_random_uuid(), case_id, declaration_id, CASE WHEN rank < 2 THEN 'SEVERE' ELSE 'HIGH_RISK' END,
      CASE rank WHEN 0 THEN 'RED' WHEN 1 THEN 'AMBER' END, rank, 'covid19', area_id, area_no, station_id, false,
      'covid19-hcmc-2022-03-17', '[]', CASE WHEN open THEN 'RAISED' ELSE 'ACKNOWLEDGED' END, 'station', at,
      at + interval '30 minutes', CASE WHEN open THEN NULL ELSE at + interval '20 minutes' END
    FROM (SELECT *, at > {_NOW} - interval '1 day' OR n % 10 = 0 AS open FROM made WHERE rank < 3) AS m""",
    """INSERT INTO area_count (area_id, area_no, disease, day, declared, severe, high_risk, pending, alerts,
      open_alerts, acknowledged, version)
    SELECT d.area_id, d.area_no, d.disease, v.day, count(*), count(*) FILTER (WHERE d.severe),
      count(*) FILTER (WHERE d.high_risk), count(*), count(a.id), count(a.id) FILTER (WHERE a.state = 'RAISED'),
      count(a.id) FILTER (WHERE a.state <> 'RAISED'), 1
    FROM declaration d LEFT JOIN alert a ON a.declaration_id = d.id
    CROSS JOIN LATERAL (VALUES (d.day), (date '0001-01-01')) AS v (day)
    GROUP BY d.area_id, d.area_no, d.disease, v.day""",
    """INSERT INTO ack_histogram (area_id, area_no, disease, day, bucket, count)
    SELECT a.area_id, a.area_no, a.disease, v.day, 60 + (hashtext(a.id::text) & 15), count(*)
    FROM alert a CROSS JOIN LATERAL (VALUES ((a.raised_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date), (date '0001-01-01'))
      AS v (day)
    WHERE a.state = 'ACKNOWLEDGED' GROUP BY 1, 2, 3, 4, 5""",
)


async def load_history(server: DemoServer, cases: int) -> None:
    """Writes the past into an empty installation and has its statistics gathered, as autovacuum would have."""
    connection = await server.connect()
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = off; SET LOCAL work_mem = '256MB'")
            await connection.execute(_LOAD.replace("$1", str(cases)))
            for statement in _STATEMENTS:
                await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
